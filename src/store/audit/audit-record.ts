import type { Author } from '../../model/author.ts';

/** What was done: a resource written or deleted, or a token given out. */
export const auditActions = ['CREATE', 'UPDATE', 'DELETE', 'ISSUE'] as const;
export type AuditAction = (typeof auditActions)[number];

/** What is told of one thing that happened, beside when it was. */
export interface AuditFacts {
  readonly author: Author;
  readonly action: AuditAction;
  /** Kuma's name of the resource's type; `DataplaneToken`, `ZoneToken` or `UserToken` for a token. */
  readonly type: string;
  /** Empty for what is in no mesh. */
  readonly mesh: string;
  readonly name: string;
  /** The revision that it made in the history of `mesh`, or in that of the global scope; absent for a token. */
  readonly revision?: number;
  /** Of a `Mesh`: the revision that it made in the mesh's own history. */
  readonly meshRevision?: number;
  /** The resource's version: what was written, or what was deleted. */
  readonly version?: number;
  /** What else there is to tell: the claims of a token, what went along with a mesh. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A record on its way into the table. */
export interface AuditDraft extends AuditFacts {
  /** The resource as it was and as it is now, as JSON without anything secret; absent where it is not kept. */
  readonly before?: string;
  readonly after?: string;
}

/** Stands in a record for what was too large to be kept. */
export interface OmittedContent {
  readonly omitted: { readonly bytes: number; readonly sha256: string };
}

/** One record of the audit trail. */
export interface AuditRecord extends AuditFacts {
  /** Its name, and that of its event. */
  readonly id: string;
  /** RFC 3339, in UTC. */
  readonly time: string;
  /** The resource as it was stored, or {@link OmittedContent}. */
  readonly before?: unknown;
  readonly after?: unknown;
}
