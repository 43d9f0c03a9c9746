import * as z from 'zod';
import { withDefault } from '../spec-fields.ts';
import { field, type Violations } from '../violations.ts';

/** The versions of TLS, from the oldest; `TLSAuto` leaves a bound to Envoy. */
const versions = ['TLSAuto', 'TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;

/** The versions of TLS that a connection may have. */
export const tlsVersionSchema = z.object({
  min: withDefault('TLSAuto', z.enum(versions)),
  max: withDefault('TLSAuto', z.enum(versions)),
});

/** Checks that the bounds leave a version. */
export function validateTlsVersion(
  violations: Violations,
  path: string,
  { min, max }: z.output<typeof tlsVersionSchema>,
): void {
  if (min !== 'TLSAuto' && max !== 'TLSAuto' && versions.indexOf(min) > versions.indexOf(max)) {
    violations.add(field(path, 'min'), 'min version must be lower than max');
  }
}
