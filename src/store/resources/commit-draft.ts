import type { Resource, ResourceKey } from '../../model/resource.ts';
import type { Expectation } from '../resource-store.ts';
import type { StoredHead } from './head.ts';
import type { EncodedDraft, StoredResource } from './resource-text.ts';

/** One change whose draft is already text. */
export type EncodedChange =
  | { readonly kind: 'put'; readonly encoded: EncodedDraft; readonly expect?: Expectation }
  | { readonly kind: 'delete'; readonly key: ResourceKey; readonly expect?: Expectation };

/** What is there before a group of commits. */
export interface Before {
  /** The heads of all scopes that the commits touch, by mesh. */
  readonly heads: ReadonlyMap<string, StoredHead>;
  /** The resources that the commits name, by `keyText`; those that are not there are absent. */
  readonly resources: ReadonlyMap<string, StoredResource>;
}

/** What a resource will be, or that it will be gone. */
export interface After {
  readonly key: ResourceKey;
  readonly stored: StoredResource | undefined;
}

/** What one change has done. */
export interface AppliedChange {
  readonly key: ResourceKey;
  readonly before: StoredResource | undefined;
  readonly after: StoredResource | undefined;
  /** The resource as it was written; absent for a delete. */
  readonly written?: Resource;
}

/** What a history is about to be. */
export interface ScopeState {
  readonly exists: boolean;
  readonly generation: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** What commits have made of things so far; the later ones of a group see the earlier ones. */
export interface Draft {
  readonly scopes: Map<string, ScopeState>;
  readonly resources: Map<string, After>;
}

/** The key of what a change is about. */
export function keyOfChange(change: EncodedChange): ResourceKey {
  return change.kind === 'put' ? change.encoded.draft : change.key;
}

/** The head of a scope that the commits touch. */
export function headOf(before: Before, scope: string): StoredHead {
  const head = before.heads.get(scope);
  if (head === undefined) {
    throw new Error('the heads of all scopes are read before commits are planned');
  }
  return head;
}

/** The revision that the next group of commits makes. */
export function nextRevision(before: Before, scope: string): number {
  return headOf(before, scope).revision + 1;
}

/** Takes over what one commit has made. */
export function merge(draft: Draft, own: Draft): void {
  for (const [scope, state] of own.scopes) {
    draft.scopes.set(scope, state);
  }
  for (const [name, after] of own.resources) {
    // Entered anew, so that the log has changes in the order in which they came to be.
    draft.resources.delete(name);
    draft.resources.set(name, after);
  }
}
