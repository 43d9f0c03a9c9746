import type * as z from 'zod';
import { decodeMessage } from '../decode-message.ts';
import type { Violations } from '../violations.ts';

/**
 * Reads the free-form `conf` of a mesh's backend as its type describes it.
 *
 * @returns undefined, with a violation at `path`, where it cannot be read.
 */
export function parseConfig<T>(
  violations: Violations,
  path: string,
  schema: z.ZodType<T>,
  conf: unknown,
  prefix = 'could not parse config: ',
): T | undefined {
  const parsed = schema.safeParse(conf ?? {});
  if (parsed.success) {
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  violations.add(path, `${prefix}${issue === undefined ? '' : decodeMessage(issue, conf)}`);
  return undefined;
}
