import * as z from 'zod';
import { listOf, withDefault } from '../../model/spec-fields.ts';

export {
  duration,
  int32,
  int64,
  intOrString,
  listOf,
  requiredIntOrString,
  uint32,
  wholeNumber,
  withDefault,
  withoutNulls,
} from '../../model/spec-fields.ts';

/** The name of an HTTP header, in lower case as Envoy compares it. */
export function headerName() {
  return z
    .string()
    .min(1)
    .max(256)
    .regex(/^[a-z0-9!#$%&'*+\-.^_\x60|~]+$/);
}

/** How a header is matched. An empty value is stored as none. */
export const headerMatchSchema = z
  .object({
    type: withDefault('Exact', z.enum(['Exact', 'Present', 'RegularExpression', 'Absent', 'Prefix'])),
    name: headerName(),
    value: z.string().exactOptional(),
  })
  .overwrite(({ value, ...match }) => (value === undefined || value === '' ? match : { ...match, value }));

/** Headers to set or to add; several values of one are separated by commas (RFC 9110, section 5.2). */
export function headerValues() {
  return listOf(z.object({ name: headerName(), value: z.string() }), 16);
}

export type HeaderMatch = z.output<typeof headerMatchSchema>;
