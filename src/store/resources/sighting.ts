import type { Resource, ResourceKey } from '../../model/resource.ts';
import type { Before } from './commit-draft.ts';

/** A resource as it was read by who is going to write it, and all that the write starts from. */
export interface Sighting {
  readonly key: ResourceKey;
  /** Undefined where there is none. */
  readonly resource: Resource | undefined;
  /** For the store alone; absent where nothing can be stored under the key. */
  readonly before: Before | undefined;
}
