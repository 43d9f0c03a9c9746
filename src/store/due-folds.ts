import type { TenantId } from '../model/tenant.ts';

/** A mesh whose log is to be folded into a snapshot; the empty name is the tenant's global scope. */
export interface DueFold {
  readonly tenant: TenantId;
  readonly mesh: string;
  /** Its place in the list, opaque to its users. */
  readonly sort: string;
  /** Tells it from a later entry in the same place. */
  readonly version: number;
}

/**
 * The meshes whose logs have grown, or whose logs will expire before long. Commits enter them, in their own
 * transaction and seldom (once in {@link foldPolicy}'s so many commits, and with the first commit after a snapshot),
 * so that a job finds them without walking all meshes, and none is missed.
 */
export interface DueFolds {
  /** What is due by `now` (milliseconds since 1970), in pages of 100, those that have grown before those that expire. */
  due(now: number): AsyncGenerator<readonly DueFold[], void, void>;
  /** Takes a mesh off the list, once it is folded; it stays where a commit has entered it anew since it was read. */
  settle(fold: DueFold): Promise<void>;
}
