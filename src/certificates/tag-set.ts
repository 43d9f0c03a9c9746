import type { DataplaneSpec } from '../model/types/dataplane.ts';
import { tagSetsOf } from '../model/types/dataplane-helpers.ts';

/** The tags of all inbounds and of the gateway of a proxy: every value that a tag has. */
export type TagSet = ReadonlyMap<string, ReadonlySet<string>>;

export function tagSetOf(spec: DataplaneSpec): TagSet {
  const all = new Map<string, Set<string>>();
  for (const tags of tagSetsOf(spec)) {
    for (const [tag, value] of Object.entries(tags)) {
      const values = all.get(tag);
      if (values === undefined) all.set(tag, new Set([value]));
      else values.add(value);
    }
  }
  return all;
}
