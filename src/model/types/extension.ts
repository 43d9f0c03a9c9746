import * as z from 'zod';
import { field, type Violations } from '../violations.ts';

/** Settings of an extension of Kuma's, which Kumulus keeps and does not know. */
export const extensionSchema = z.object({
  type: z.string(),
  config: z.json().describe('Whatever the extension takes.').exactOptional(),
});

export type Extension = z.output<typeof extensionSchema>;

/** Checks that an extension, where there is one, says which it is. */
export function validateExtension(
  violations: Violations,
  path: string,
  extension: Extension | undefined,
): void {
  if (extension?.type === '') {
    violations.add(field(path, 'type'), 'must not be empty');
  }
}
