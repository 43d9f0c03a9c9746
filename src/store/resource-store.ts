import type { Author } from '../model/author.ts';
import type { Resource, ResourceKey } from '../model/resource.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Sighting } from './resources/sighting.ts';

/** A resource as a writer gives it; the store adds version and times. */
export interface ResourceDraft extends ResourceKey {
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

/** What a writer requires of the resource that is there. Without one the last writer wins. */
export type Expectation =
  | { readonly absent: true }
  | { readonly present: true }
  | { readonly version: number };

export type Change =
  | { readonly kind: 'put'; readonly draft: ResourceDraft; readonly expect?: Expectation }
  | { readonly kind: 'delete'; readonly key: ResourceKey; readonly expect?: Expectation };

/** Changes of one commit: with heads, entries of the log and records beside them they fit into one transaction. */
export const maxCommitChanges = 80;

/** One change as the log keeps it: the resource as it was written, or the key of what went. */
export type LoggedChange =
  | { readonly kind: 'put'; readonly resource: Resource }
  | { readonly kind: 'delete'; readonly key: ResourceKey };

/** One commit to a mesh. Revisions of a mesh are consecutive. */
export interface LogEntry {
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly changes: readonly LoggedChange[];
}

/** One history: a mesh of a tenant, or with an empty name the tenant's global scope. */
export interface Scope {
  readonly tenant: TenantId;
  readonly mesh: string;
}

/** Where a mesh stands. */
export interface Head {
  /** 0 where nothing was ever written. */
  readonly revision: number;
  /** How many resources of each type there are; a mesh's own `Mesh` counts in it, too. */
  readonly counts: Readonly<Record<string, number>>;
  /** The newest folded snapshot, if any. */
  readonly snapshotRevision: number;
}

export interface CommitResult {
  /** What was written, in the order of the puts, with versions and times. */
  readonly resources: readonly Resource[];
  /** The revision that each touched mesh reached; the empty name is the tenant's global scope. */
  readonly revisions: ReadonlyMap<string, number>;
}

/** Everything that a mesh holds at one revision. */
export interface MeshState {
  readonly revision: number;
  readonly resources: readonly Resource[];
}

/** What the log answers: the entries after a revision, or that they are gone and the mesh must be loaded anew. */
export type LogAnswer =
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'expired' };

/**
 * Resources of tenants, with one linear history a mesh. Resources of global scope have a history of their own under
 * the empty mesh name. A `Mesh` is a global resource whose writes also enter the history of the mesh that it names.
 */
export interface ResourceStore {
  get(tenant: TenantId, key: ResourceKey): Promise<Resource | undefined>;
  /** Those of a mesh in the order of their keys, `undefined` where there is none; a hundred are one request. */
  pick(
    tenant: TenantId,
    mesh: string,
    keys: readonly ResourceKey[],
  ): Promise<readonly (Resource | undefined)[]>;
  /** Reads one that is going to be written, with all that its commit starts from: give it there, and nothing is read again. */
  look(tenant: TenantId, key: ResourceKey): Promise<Sighting>;
  /**
   * Writes all changes or none, at most {@link maxCommitChanges} at once, durable when the promise resolves. Commits of one process to one
   * mesh are grouped, and a group makes one revision; heads moved by others are tried again. A `Mesh` comes before
   * what is in it, in the same commit or an earlier one, and goes by {@link ResourceStore.deleteMesh} alone.
   *
   * @param author whom the change is put down to; the control plane itself unless told.
   * @param seen what the caller has read of the one resource that it changes. It makes no difference to what is written:
   *   where it is not how things are any more, they are read again.
   * @throws KumulusError `conflict` where an expectation did not hold, `not_found` where a delete found nothing or
   *   there is no such mesh, `payload_too_large` where the changes are more than 349 KB together, `unavailable` where
   *   the mesh was too contended for too long.
   */
  commit(
    tenant: TenantId,
    changes: readonly Change[],
    author?: Author,
    seen?: Sighting,
  ): Promise<CommitResult>;
  head(tenant: TenantId, mesh: string): Promise<Head>;
  /**
   * Where many histories stand, or stood a second ago, in their order; 0 where there is none. A hundred are one request,
   * whosever they are, at a quarter of what asking for their logs costs.
   */
  revisions(scopes: readonly Scope[]): Promise<readonly number[]>;
  /**
   * The commits after `revision`, oldest first, complete up to the head at the time of the call.
   *
   * @param limit Give the first so many of them at the most.
   */
  logAfter(tenant: TenantId, mesh: string, revision: number, limit?: number): Promise<LogAnswer>;
  /** The whole mesh: the newest snapshot and the log after it, or its items where there is no snapshot. */
  load(tenant: TenantId, mesh: string): Promise<MeshState>;
  /**
   * Removes a mesh and all that is in it. The `Mesh` goes first and atomically; what was in it is unreachable from
   * then on and is removed in pages.
   *
   * @throws KumulusError `not_found` where there is no such mesh, `conflict` where it still has dataplanes.
   */
  deleteMesh(tenant: TenantId, mesh: string, author?: Author): Promise<void>;
  /**
   * Folds the log of a mesh into a snapshot. A job calls it; it does nothing where nothing has changed or another fold
   * is under way. Entries of the log expire by themselves some hours after they were written, folded or not.
   */
  fold(tenant: TenantId, mesh: string): Promise<void>;
  /** Ends removals of deleted meshes that were interrupted. A job calls it. */
  purge(tenant: TenantId): Promise<void>;
  /** For whom there is something to {@link purge}. */
  tenantsToPurge(): Promise<ReadonlySet<TenantId>>;
  /** Calls back after each commit of this process, at once; other processes' commits come through the feed. */
  onCommit(listener: (tenant: TenantId, mesh: string, revision: number) => void): () => void;
}
