import type { Author } from '../model/author.ts';
import type { Resource, ResourceKey } from '../model/resource.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Change, ResourceDraft } from '../store/resource-store.ts';

/** A write that has been understood and is about to be committed. */
export interface PendingWrite {
  readonly tenant: TenantId;
  /** What is to be stored. */
  readonly draft: ResourceDraft;
  /** What is stored now. */
  readonly current: Resource | undefined;
  /** The mesh that it is in; undefined for global types. */
  readonly mesh: Resource | undefined;
  /** Other resources of the tenant, as they will be once what is written together with this one is there. */
  find(key: ResourceKey): Promise<Resource | undefined>;
}

/** What is committed: the resource itself, and what has to come with it in the same commit. */
export interface CheckedWrite {
  readonly draft: ResourceDraft;
  readonly others: readonly Change[];
}

/** What one type has beyond its schema: things that the control plane fills in, or that depend on other resources. */
export interface WriteRules {
  /** @throws KumulusError `invalid` where the write must not be. */
  check?(write: PendingWrite): Promise<CheckedWrite> | CheckedWrite;
  /** @throws KumulusError `invalid` where the resource must stay. */
  checkDelete?(tenant: TenantId, current: Resource, mesh: Resource | undefined): Promise<void> | void;
  /** Deletes in another way than by one change. */
  delete?(tenant: TenantId, current: Resource, author: Author): Promise<void>;
}
