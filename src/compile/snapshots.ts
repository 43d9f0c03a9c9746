import { type EncodedResource, type Snapshot, type TypeUrl, typeUrls } from './snapshot.ts';

type Resources = ReadonlyMap<string, EncodedResource>;

/**
 * The snapshot that holds these resources; of two with one name the later counts. Maps of types that did not change are
 * those of the snapshot before, and where nothing changed it is that snapshot itself.
 */
export function nextSnapshot(
  revision: number,
  resources: readonly EncodedResource[],
  previous: Snapshot | undefined,
): Snapshot {
  const lists: Readonly<Record<TypeUrl, EncodedResource[]>> = {
    [typeUrls.cluster]: [],
    [typeUrls.endpoint]: [],
    [typeUrls.listener]: [],
    [typeUrls.route]: [],
    [typeUrls.secret]: [],
  };
  for (const resource of resources) {
    lists[resource.typeUrl].push(resource);
  }
  let changed = previous === undefined;
  const settle = (url: TypeUrl): Resources => {
    const before = previous?.resources[url];
    const now = settled(lists[url], before);
    changed ||= now !== before;
    return now;
  };
  const next: Snapshot['resources'] = {
    [typeUrls.cluster]: settle(typeUrls.cluster),
    [typeUrls.endpoint]: settle(typeUrls.endpoint),
    [typeUrls.listener]: settle(typeUrls.listener),
    [typeUrls.route]: settle(typeUrls.route),
    [typeUrls.secret]: settle(typeUrls.secret),
  };
  return previous === undefined || changed ? { revision, resources: next } : previous;
}

/** The same snapshot with other load assignments; itself where they are the same. */
export function withEndpoints(
  previous: Snapshot,
  revision: number,
  assignments: readonly EncodedResource[],
): Snapshot {
  const before = previous.resources[typeUrls.endpoint];
  const now = settled(assignments, before);
  return now === before
    ? previous
    : { revision, resources: { ...previous.resources, [typeUrls.endpoint]: now } };
}

/** The resources by name, as the map that was there before where that holds the same. */
function settled(list: readonly EncodedResource[], before: Resources | undefined): Resources {
  if (before !== undefined && isListed(before, list)) {
    return before;
  }
  const now = new Map(list.map((resource) => [resource.name, resource] as const));
  return before !== undefined && isSame(now, before) ? before : now;
}

/** Whether a map holds what the list has, in the same order; mostly the case, and found out without making a map. */
function isListed(map: Resources, list: readonly EncodedResource[]): boolean {
  if (map.size !== list.length) {
    return false;
  }
  let position = 0;
  for (const resource of map.values()) {
    const other = list[position++];
    if (resource !== other && (resource.name !== other?.name || resource.version !== other.version)) {
      return false;
    }
  }
  return true;
}

function isSame(a: Resources, b: Resources): boolean {
  if (a.size !== b.size) {
    return false;
  }
  for (const [name, resource] of a) {
    if (b.get(name)?.version !== resource.version) {
      return false;
    }
  }
  return true;
}
