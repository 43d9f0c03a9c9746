import * as z from 'zod';
import { field, index, type Violations } from '../../model/violations.ts';
import { isSpiffeId } from './spiffe-id.ts';

/** Which clients a rule is about; all where nothing is said. */
export const clientMatchSchema = z.object({
  spiffeID: z.object({ type: z.enum(['Exact', 'Prefix']), value: z.string() }).exactOptional(),
});

export type ClientMatch = z.output<typeof clientMatchSchema>;

/** Checks what the clients of a list are matched by. */
export function validateClientMatches(
  violations: Violations,
  path: string,
  matches: readonly ClientMatch[],
): void {
  for (const [position, match] of matches.entries()) {
    if (match.spiffeID !== undefined && !isSpiffeId(match.spiffeID.value)) {
      violations.add(field(index(path, position), 'spiffeID'), 'must be a valid Spiffe ID');
    }
  }
}
