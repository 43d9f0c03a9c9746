import { KumulusError } from '../../model/errors.ts';
import type { Resource } from '../../model/resource.ts';
import type { Operation } from '../port.ts';
import type { CommitResult } from '../resource-store.ts';
import { applyChange } from './apply-change.ts';
import {
  type Before,
  type Draft,
  type EncodedChange,
  keyOfChange,
  merge,
  nextRevision,
} from './commit-draft.ts';
import { resourceOperations, scopeOperations } from './commit-operations.ts';
import { scopesOf } from './keys.ts';

/** What became of one commit of the group. */
export type Outcome =
  | { readonly kind: 'done'; readonly result: CommitResult }
  | { readonly kind: 'refused'; readonly error: KumulusError };

/** The transaction of a group; without operations where every commit was refused. */
export interface CommitPlan {
  readonly operations: readonly Operation[];
  readonly outcomes: readonly Outcome[];
  /** The revision that each scope reaches. */
  readonly revisions: ReadonlyMap<string, number>;
}

/**
 * Works out one transaction for a group of commits. A commit whose expectations do not hold is left out and spoils
 * nothing for the others.
 */
export function planCommits(
  before: Before,
  commits: readonly (readonly EncodedChange[])[],
  now: number,
  logSeconds: number,
): CommitPlan {
  const draft: Draft = { scopes: new Map(before.heads), resources: new Map() };
  const time = new Date(now).toISOString();
  const touched = new Set<string>();
  const outcomes = commits.map((changes): Outcome => {
    const own: Draft = { scopes: new Map(draft.scopes), resources: new Map() };
    const written: Resource[] = [];
    try {
      for (const change of changes) {
        const resource = applyChange(before, draft, own, change, time);
        if (resource !== undefined) {
          written.push(resource);
        }
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
    return { kind: 'done', result: { resources: written, revisions } };
  });
  return {
    operations: [
      ...resourceOperations(before, draft),
      ...scopeOperations(before, draft, touched, now, logSeconds),
    ],
    outcomes,
    revisions: new Map([...touched].map((scope) => [scope, nextRevision(before, scope)])),
  };
}
