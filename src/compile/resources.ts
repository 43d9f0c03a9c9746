import type { WeakCache } from '../match/weak-cache.ts';
import type { EncodedResource } from './snapshot.ts';

/** Resources that proxies share, by all that they are made from. */
export type ResourceCache = WeakCache<EncodedResource>;
