import type * as z from 'zod';
import { type SelectorsOptions, selectors, validateSelectors } from '../../../model/selectors.ts';
import type { Violations } from '../../../model/violations.ts';

/** The members of a policy for the connections between two sets of proxies. */
export const connectionFields = {
  sources: selectors().describe('Whose connections it is about.'),
  destinations: selectors().describe('The services at their other end.'),
};

type Selectors = z.output<typeof connectionFields.sources>;

/** Selectors have to have a tag. */
export const anyTag: SelectorsOptions = { requireTag: true };

/** Selectors have to name a service, beside other tags. */
export const anyService: SelectorsOptions = { requireTag: true, requireService: true };

/** Checks `sources` and `destinations`. */
export function validateConnection(
  violations: Violations,
  spec: { readonly sources?: Selectors; readonly destinations?: Selectors },
  sources: SelectorsOptions,
  destinations: SelectorsOptions,
): void {
  validateSelectors(violations, 'sources', spec.sources, sources);
  validateSelectors(violations, 'destinations', spec.destinations, destinations);
}
