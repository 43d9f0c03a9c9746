import type { TenantId } from '../model/tenant.ts';

/** A hint that a mesh has moved. It may be lost, late, or come twice; the heads are the truth. */
export interface Hint {
  readonly tenant: TenantId;
  /** Empty for the tenant's global scope. */
  readonly mesh: string;
  readonly revision: number;
}

/** What every relay polls: the recent commits of all tenants, in one place with a short life. */
export interface Feed {
  /**
   * Called after each commit, outside of its transaction, with all histories that it moved. What is handed in while
   * hints are being written is written together, each mesh once.
   *
   * @throws KumulusError `unavailable` where they are not written yet after a second: no commit waits longer.
   */
  publish(hints: readonly Hint[]): Promise<void>;
  /** Reads the feed from a few seconds ago on. */
  follow(): FeedReader;
}

/** Somebody's place in the feed. */
export interface FeedReader {
  /** What is new since the last call, each mesh once with its highest revision. Not to be called while it is being read. */
  read(): Promise<readonly Hint[]>;
}
