import * as z from 'zod';
import { field, type Violations } from '../violations.ts';

/** Where something secret comes from. What it says beside the member of its type counts for nothing. */
export const secureDataSourceSchema = z.object({
  type: z.enum(['File', 'Secret', 'EnvVar', 'InsecureInline']),
  file: z.object({ path: z.string() }).exactOptional(),
  envVar: z.object({ name: z.string() }).exactOptional(),
  insecureInline: z
    .object({ value: z.string() })
    .describe('In sight of all who may read it.')
    .exactOptional(),
  secretRef: z.object({ kind: z.enum(['Secret']), name: z.string() }).exactOptional(),
});

export type SecureDataSource = z.output<typeof secureDataSourceSchema>;

const mustBeDefined = 'must be defined';

/**
 * Kuma's rules for a source of something secret. Files and variables of the control plane are refused whatever they
 * are: a tenant must not read those of the machine that serves it.
 */
export function validateSecureDataSource(
  violations: Violations,
  path: string,
  source: SecureDataSource,
): void {
  switch (source.type) {
    case 'File':
      validateMember(violations, field(path, 'file'), 'path', source.file?.path, fileProblem);
      return;
    case 'EnvVar':
      validateMember(violations, field(path, 'envVar'), 'name', source.envVar?.name, () => noVariables);
      return;
    case 'InsecureInline':
      validateMember(violations, field(path, 'insecureInline'), 'value', source.insecureInline?.value);
      return;
    default:
      validateMember(violations, field(path, 'secretRef'), 'name', source.secretRef?.name);
  }
}

const noFiles = 'this control plane reads no files, use a secret';
const noVariables = 'this control plane reads no environment variables, use a secret';

function fileProblem(path: string): string {
  if (path.includes('..')) {
    return `file path contains directory traversal sequence: ${path}`;
  }
  return path.startsWith('/') ? noFiles : `file path must be absolute: ${path}`;
}

/** Checks the one text that a source of some type needs; `value` is undefined where the member itself is missing. */
function validateMember(
  violations: Violations,
  path: string,
  name: string,
  value: string | undefined,
  problemOf: (value: string) => string | undefined = () => undefined,
): void {
  if (value === undefined) {
    violations.add(path, mustBeDefined);
    return;
  }
  const problem = value === '' ? mustBeDefined : problemOf(value);
  if (problem !== undefined) {
    violations.add(field(path, name), problem);
  }
}
