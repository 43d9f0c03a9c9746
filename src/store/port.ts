import type { TenantId } from '../model/tenant.ts';

/**
 * The tenant-like owner of what belongs to no tenant: the feed and the relays' leases. Its colon cannot occur
 * in a tenant's name, so no tenant can be given its keys.
 */
export type SystemOwner = ':system';
export const systemOwner: SystemOwner = ':system';
/** Whose items a call may touch. There is no call without an owner and no default. */
export type Owner = TenantId | SystemOwner;

/** Names one item of an owner. Items of one partition are ordered by the bytes of `sort`. */
export interface ItemKey {
  readonly partition: string;
  readonly sort: string;
}

/** One item of the table. */
export interface Item extends ItemKey {
  /** Set by the writer; what `{ version }` conditions compare with. */
  readonly version: number;
  /** At most 350 KB, so that it fits into DynamoDB's limit of 400 KB with its keys. */
  readonly value: string | Uint8Array;
  /** Seconds since 1970 from when on the item counts as absent; it is removed some time after. */
  readonly expiresAt?: number;
}

/** What must hold for an operation, and with it for its whole transaction. */
export type Condition = { readonly absent: true } | { readonly present: true } | { readonly version: number };

export type Operation =
  | { readonly kind: 'put'; readonly item: Item; readonly condition?: Condition }
  | { readonly kind: 'delete'; readonly key: ItemKey; readonly condition?: Condition }
  | { readonly kind: 'check'; readonly key: ItemKey; readonly condition: Condition };

/** The largest transaction: DynamoDB takes 100 operations and 4 MB. */
export const maxOperations = 100;

export interface Query {
  readonly partition: string;
  /** Only items whose `sort` starts with it. */
  readonly prefix?: string;
  /** Only items whose `sort` is greater; the last `sort` of a page asks for the next one. */
  readonly after?: string;
  /** Items a page at the most; 1,000 unless told. */
  readonly limit?: number;
}

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
 * (`contract.case.ts`). Reads are strongly consistent; `transact` is atomic and isolated.
 */
export interface ItemStore {
  get(owner: Owner, key: ItemKey): Promise<Item | undefined>;
  /** The items in the order of the keys, `undefined` where there is none. */
  batchGet(owner: Owner, keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]>;
  query(owner: Owner, query: Query): Promise<Page>;
  /**
   * Writes all or nothing; durable when the promise resolves. At most {@link maxOperations}, each on an item of its own.
   *
   * @throws ConditionFailedError where a condition did not hold.
   */
  transact(owner: Owner, operations: readonly Operation[]): Promise<void>;
  close(): Promise<void>;
}
