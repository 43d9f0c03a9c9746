import * as z from 'zod';
import type { Resource } from '../model/resource.ts';
import { matchesSelector, type Tags } from '../model/tags.ts';
import type { DataplaneProxy } from './proxy.ts';

const selectors = z.array(z.object({ match: z.record(z.string(), z.string()).prefault({}) })).prefault([]);
const schema = z.object({ selectors, sources: selectors, destinations: selectors });

/**
 * Tells which proxies a policy of the older kind is about: those of which one of its selectors, or one of its sources or
 * destinations where it is about connections, matches the tags of the gateway or of an inbound.
 */
export function legacySelection(policy: Resource): (proxy: DataplaneProxy) => boolean {
  const { data } = schema.safeParse(policy.spec);
  const matches =
    data === undefined
      ? []
      : [...data.selectors, ...data.sources, ...data.destinations].map(({ match }) => match);
  return ({ gateway, inbounds }) => {
    const tags: readonly Tags[] =
      gateway === undefined ? inbounds.map((inbound) => inbound.tags) : [gateway.tags];
    return matches.some((match) => tags.some((own) => matchesSelector(match, own)));
  };
}
