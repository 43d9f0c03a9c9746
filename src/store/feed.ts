import type { TenantId } from '../model/tenant.ts';

/** A hint that a mesh has moved. It may be lost or come twice; the heads are the truth. */
export interface Hint {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly revision: number;
}

/** A position in the feed, opaque to its users. */
export type FeedCursor = string;

/** What every relay polls: the recent commits of all tenants, in a few partitions with a short life. */
export interface Feed {
  /** Called after each commit, outside of its transaction. */
  publish(hint: Hint): Promise<void>;
  /** Where the feed stands now. */
  cursor(): Promise<FeedCursor>;
  read(cursor: FeedCursor): Promise<{ readonly hints: readonly Hint[]; readonly cursor: FeedCursor }>;
}
