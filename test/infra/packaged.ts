import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { installOsls, oslsCommand } from '../../dev/tools/osls.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

const resourceSchema = z.object({
  Type: z.string().startsWith('AWS::'),
  Condition: z.string().optional(),
  DeletionPolicy: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.unknown()),
});

/** A template as the framework makes it of `serverless.yml`: what is deployed, with all that the framework adds. */
export type PackagedTemplate = z.infer<typeof templateSchema>;
export type PackagedResource = PackagedTemplate['Resources'][string];

/** Packages a stage as a deployment does, without an account or a network. */
export async function packageStage(
  stage: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<PackagedTemplate> {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-package-'));
  try {
    installOsls(project);
    const { program, args, env } = oslsCommand(project, ['package', '--stage', stage, '--package', folder]);
    await promisify(execFile)(program, args, {
      cwd: project,
      env: { ...process.env, ...env, AWS_REGION: 'eu-central-1', ...environment },
    });
    const file = join(folder, 'cloudformation-template-update-stack.json');
    return templateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The names and properties of a type's resources. */
export function ofType(
  template: PackagedTemplate,
  type: string,
): readonly (readonly [string, PackagedResource])[] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
}

/** One resource's properties. @throws where there is none of that name. */
export function propertiesOf(template: PackagedTemplate, name: string): PackagedResource['Properties'] {
  const resource = template.Resources[name];
  if (resource === undefined) throw new Error(`there is no resource ${name}`);
  return resource.Properties;
}

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown().optional(),
  Action: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  Resource: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

/** All statements of policies anywhere within a value. */
export function statementsIn(value: unknown): readonly z.infer<typeof statementSchema>[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Statement' ? z.array(statementSchema).parse(inner) : statementsIn(inner),
  );
}
