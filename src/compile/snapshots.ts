import { type EncodedResource, type Snapshot, type TypeUrl, typeUrls } from './snapshot.ts';

const urls: readonly TypeUrl[] = Object.values(typeUrls);
const none: ReadonlyMap<string, EncodedResource> = new Map();

/**
 * The snapshot that holds these resources; of two with one name the later counts. Maps of types that did not change are
 * those of the snapshot before, and where nothing changed it is that snapshot itself.
 */
export function nextSnapshot(
  revision: number,
  resources: readonly EncodedResource[],
  previous: Snapshot | undefined,
): Snapshot {
  const byType = new Map(urls.map((url) => [url, new Map<string, EncodedResource>()] as const));
  for (const resource of resources) {
    byType.get(resource.typeUrl)?.set(resource.name, resource);
  }
  const settled = (url: TypeUrl): ReadonlyMap<string, EncodedResource> => {
    const now = byType.get(url) ?? none;
    const before = previous?.resources[url];
    return before !== undefined && isSame(now, before) ? before : now;
  };
  const next: Snapshot['resources'] = {
    [typeUrls.cluster]: settled(typeUrls.cluster),
    [typeUrls.endpoint]: settled(typeUrls.endpoint),
    [typeUrls.listener]: settled(typeUrls.listener),
    [typeUrls.route]: settled(typeUrls.route),
    [typeUrls.secret]: settled(typeUrls.secret),
  };
  return previous !== undefined && urls.every((url) => next[url] === previous.resources[url])
    ? previous
    : { revision, resources: next };
}

function isSame(a: ReadonlyMap<string, EncodedResource>, b: ReadonlyMap<string, EncodedResource>): boolean {
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
