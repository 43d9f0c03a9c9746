import { KumulusError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Operation } from '../port.ts';
import type { CommitResult } from '../resource-store.ts';
import { applyChange } from './apply-change.ts';
import {
  type AppliedChange,
  type Before,
  type Draft,
  type EncodedChange,
  keyOfChange,
  merge,
  nextRevision,
  type ScopeState,
} from './commit-draft.ts';
import { resourceOperations, scopeOperations } from './commit-operations.ts';
import { scopesOf } from './keys.ts';
import { type QuotaView, requireQuotas } from './quota-check.ts';

/** What became of one commit of the group. */
export type Outcome =
  | {
      readonly kind: 'done';
      readonly result: CommitResult;
      readonly applied: readonly AppliedChange[];
    }
  | { readonly kind: 'refused'; readonly error: KumulusError };

/** The transaction of a group; without operations where every commit was refused. */
export interface CommitPlan {
  readonly operations: readonly Operation[];
  readonly outcomes: readonly Outcome[];
  /** The revision that each scope reaches. */
  readonly revisions: ReadonlyMap<string, number>;
  /** What each scope of the group is afterwards. */
  readonly scopes: ReadonlyMap<string, ScopeState>;
}

/**
 * Works out one transaction for a group of commits. A commit whose expectations do not hold is left out and spoils
 * nothing for the others.
 *
 * @param quotas what the commits are held against, one after the other; nothing where it is absent.
 */
export function planCommits(
  tenant: TenantId,
  before: Before,
  commits: readonly (readonly EncodedChange[])[],
  now: number,
  logSeconds: number,
  quotas?: QuotaView,
): CommitPlan {
  const draft: Draft = { scopes: new Map(before.heads), resources: new Map() };
  const time = new Date(now).toISOString();
  const touched = new Set<string>();
  const outcomes = commits.map((changes): Outcome => {
    const own: Draft = { scopes: new Map(draft.scopes), resources: new Map() };
    const applied: AppliedChange[] = [];
    try {
      for (const change of changes) {
        applied.push(applyChange(before, draft, own, change, time));
      }
      if (quotas !== undefined) {
        requireQuotas(quotas, draft.scopes, own.scopes);
      }
    } catch (error) {
      if (error instanceof KumulusError) {
        return { kind: 'refused', error };
      }
      throw error;
    }
    merge(draft, own);
    const scopes = new Set(changes.flatMap((change) => scopesOf(keyOfChange(change))));
    for (const scope of scopes) {
      touched.add(scope);
    }
    const revisions = new Map([...scopes].map((scope) => [scope, nextRevision(before, scope)]));
    const resources = applied.flatMap(({ written }) => written ?? []);
    return { kind: 'done', result: { resources, revisions }, applied };
  });
  return {
    operations: [
      ...resourceOperations(before, draft),
      ...scopeOperations(tenant, before, draft, touched, now, logSeconds),
    ],
    outcomes,
    revisions: new Map([...touched].map((scope) => [scope, nextRevision(before, scope)])),
    scopes: draft.scopes,
  };
}
