import type { EncodedResource } from './snapshot.ts';

/**
 * Resources by what they are made from, so that proxies share them. An entry lasts as long as somebody holds its
 * resource: what no live snapshot has is forgotten, and the cache never grows beyond what is in use.
 */
export interface ResourceCache {
  /** The resource of the key, made where nobody holds one. The key must hold every input of `make`. */
  get(key: string, make: () => EncodedResource): EncodedResource;
  /** How many entries there are; for tests and measurements. */
  readonly size: number;
}

/** Makes an empty cache. */
export function createResourceCache(): ResourceCache {
  const entries = new Map<string, WeakRef<EncodedResource>>();
  const collected = new FinalizationRegistry<string>((key) => {
    if (entries.get(key)?.deref() === undefined) {
      entries.delete(key);
    }
  });
  return {
    get(key, make) {
      const known = entries.get(key)?.deref();
      if (known !== undefined) {
        return known;
      }
      const resource = make();
      entries.set(key, new WeakRef(resource));
      collected.register(resource, key);
      return resource;
    },
    get size() {
      return entries.size;
    },
  };
}
