import type { TenantId } from '../model/tenant.ts';

/**
 * The tenant-like owner of what belongs to no tenant: the feed and the relays' leases. Its colon cannot occur
 * in a tenant's name, so no tenant can be given its keys.
 */
export type SystemOwner = ':system';
export const systemOwner: SystemOwner = ':system';
/** Whose items a call may touch. There is no call without an owner and no default. */
export type Owner = TenantId | SystemOwner;

/** Names one item of an owner. Items of one partition are ordered by the bytes (UTF-8) of `sort`. */
export interface ItemKey {
  /** 1 to {@link maxPartitionBytes} bytes, without a NUL. */
  readonly partition: string;
  /** 1 to {@link maxSortBytes} bytes, without a NUL. */
  readonly sort: string;
}

/** With an owner's name in front it fits into DynamoDB's 2,048 bytes and, with `sort`, into LMDB's 1,978. */
export const maxPartitionBytes = 800;
/** DynamoDB's limit of a sort key. */
export const maxSortBytes = 1024;

/** One item of the table. */
export interface Item extends ItemKey {
  /** Set by the writer; what `{ version }` conditions compare with. */
  readonly version: number;
  /** At most {@link maxValueBytes}, a text counted as UTF-8. */
  readonly value: string | Uint8Array;
  /** Seconds since 1970 from when on the item counts as absent; it is removed some time after. */
  readonly expiresAt?: number;
}

/** What must hold for an operation, and with it for its whole transaction. */
export type Condition = { readonly absent: true } | { readonly present: true } | { readonly version: number };

export type Operation = {
  /**
   * Set where the item is the system's and not the call's owner's, so that what a tenant changes and what the system
   * has to know of it are one transaction.
   */
  readonly owner?: SystemOwner;
} & (
  | { readonly kind: 'put'; readonly item: Item; readonly condition?: Condition }
  | { readonly kind: 'delete'; readonly key: ItemKey; readonly condition?: Condition }
  | { readonly kind: 'check'; readonly key: ItemKey; readonly condition: Condition }
);

/** The largest value, in bytes: with its keys it fits into DynamoDB's limit of 400 KB an item. */
export const maxValueBytes = 350 * 1024;
/** The largest transaction: DynamoDB takes 100 operations. */
export const maxOperations = 100;
/**
 * All values of one transaction together: with their keys they fit into DynamoDB's 4 MB. Values that are bytes count
 * as the base64 in which they travel, because not every local DynamoDB counts what it stores.
 */
export const maxTransactionBytes = 3_800_000;

export interface Query {
  readonly partition: string;
  /** Only items whose `sort` starts with it. */
  readonly prefix?: string;
  /** Only items whose `sort` is greater; the last `sort` of a page asks for the next one. */
  readonly after?: string;
  /** Items a page at the most; 1,000 unless told. A page may be shorter and still have a next one. */
  readonly limit?: number;
  /** At half the price, what was written within the last second may be missing (DynamoDB: "eventually consistent"). */
  readonly eventual?: true;
}

/** Names one item of any owner. */
export interface OwnedKey extends ItemKey {
  readonly owner: Owner;
}

/** How many items a page has where the query does not say. */
export const defaultPageLimit = 1000;

export interface Page {
  readonly items: readonly Item[];
  /** Give it as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

/** Thrown by `transact` where conditions did not hold; nothing was written then. */
export class ConditionFailedError extends Error {
  /** The positions, in the list of operations, of those whose condition did not hold. */
  readonly failed: readonly number[];

  constructor(failed: readonly number[]) {
    super(`conditions of operations ${failed.join(', ')} did not hold`);
    this.name = 'ConditionFailedError';
    this.failed = failed;
  }
}

/**
 * The table, at the level of items. Two engines implement it and pass one contract suite
 * (`contract.case.ts`). Reads are strongly consistent where nothing else is said; `transact` is atomic and isolated. A page of a query and a
 * batch are no snapshots: what is written meanwhile may be in one part of the answer and not in another.
 *
 * Every call throws KumulusError `unavailable` where the engine could not be reached or was throttled for too long,
 * and `internal` for keys, pages or transactions that break the limits above.
 */
export interface ItemStore {
  get(owner: Owner, key: ItemKey): Promise<Item | undefined>;
  /** The items in the order of the keys, `undefined` where there is none. */
  batchGet(owner: Owner, keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]>;
  query(owner: Owner, query: Query): Promise<Page>;
  /**
   * Items of several owners, `undefined` where there is none: for the system itself, which looks after many tenants at
   * once. At half the price of a batch, and as {@link Query.eventual} as that.
   */
  peek(keys: readonly OwnedKey[]): Promise<readonly (Item | undefined)[]>;
  /**
   * Writes all or nothing; durable when the promise resolves. At most {@link maxOperations}, each on an item of its own.
   *
   * @throws ConditionFailedError where a condition did not hold, KumulusError `payload_too_large` where a value is
   *   larger than {@link maxValueBytes} or all are than {@link maxTransactionBytes}.
   */
  transact(owner: Owner, operations: readonly Operation[]): Promise<void>;
  close(): Promise<void>;
}
