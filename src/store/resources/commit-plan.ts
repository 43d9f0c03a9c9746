import { KumulusError } from '../../model/errors.ts';
import { keyText, type Resource, type ResourceKey } from '../../model/resource.ts';
import type { Condition, Operation } from '../port.ts';
import type { CommitResult, Expectation } from '../resource-store.ts';
import { partitionOf, putHead, type StoredHead } from './head.ts';
import { isMesh, resourceItemKey, scopesOf } from './keys.ts';
import { logItem } from './log.ts';
import { type EncodedDraft, resourceText, type StoredResource } from './resource-text.ts';

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

/** What a resource will be: its text, or nothing. */
interface After {
  readonly key: ResourceKey;
  readonly stored: StoredResource | undefined;
  readonly text: string | undefined;
}

interface ScopeState {
  readonly exists: boolean;
  readonly generation: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** What commits have made of things so far; the later ones of a group see the earlier ones. */
interface Draft {
  readonly scopes: Map<string, ScopeState>;
  readonly resources: Map<string, After>;
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

/** The key of what a change is about. */
export function keyOfChange(change: EncodedChange): ResourceKey {
  return change.kind === 'put' ? change.encoded.draft : change.key;
}

function headOf(before: Before, scope: string): StoredHead {
  const head = before.heads.get(scope);
  if (head === undefined) {
    throw new Error('the heads of all scopes are read before commits are planned');
  }
  return head;
}

function nextRevision(before: Before, scope: string): number {
  return headOf(before, scope).revision + 1;
}

function merge(draft: Draft, own: Draft): void {
  for (const [scope, state] of own.scopes) {
    draft.scopes.set(scope, state);
  }
  for (const [name, after] of own.resources) {
    // Entered anew, so that the log has changes in the order in which they came to be.
    draft.resources.delete(name);
    draft.resources.set(name, after);
  }
}

function applyChange(
  before: Before,
  earlier: Draft,
  own: Draft,
  change: EncodedChange,
  time: string,
): Resource | undefined {
  const key = keyOfChange(change);
  const name = keyText(key);
  const after = own.resources.get(name) ?? earlier.resources.get(name);
  const current = after === undefined ? before.resources.get(name) : after.stored;
  if (change.kind === 'delete') {
    if (isMesh(key)) {
      throw new KumulusError('internal', 'a Mesh is deleted with deleteMesh, not within a commit');
    }
    if (current === undefined) {
      throw notFound(key);
    }
    expectHolds(key, change.expect, current);
    count(own, key, -1);
    own.resources.set(name, { key, stored: undefined, text: undefined });
    return undefined;
  }
  enterScope(before, own, key);
  expectHolds(key, change.expect, current);
  if (current === undefined) {
    count(own, key, 1);
  }
  const { type, mesh, name: resourceName, labels, spec } = change.encoded.draft;
  const stamp = {
    creationTime: current?.creationTime ?? time,
    modificationTime: time,
    version: (current?.version ?? 0) + 1,
  };
  const resource: Resource = { type, mesh, name: resourceName, labels, ...stamp, spec: spec ?? {} };
  own.resources.set(name, { key, stored: resource, text: resourceText(change.encoded, stamp) });
  return resource;
}

/** Makes the mesh where the change is its `Mesh`; refuses a change to a mesh that is not there. */
function enterScope(before: Before, own: Draft, key: ResourceKey): void {
  const mesh = isMesh(key) ? key.name : key.mesh;
  const state = own.scopes.get(mesh);
  if (state?.exists === true) {
    return;
  }
  if (!isMesh(key)) {
    throw new KumulusError('not_found', `mesh of name ${mesh} is not found`);
  }
  own.scopes.set(mesh, { exists: true, generation: nextRevision(before, mesh), counts: {} });
}

function count(own: Draft, key: ResourceKey, step: number): void {
  for (const scope of scopesOf(key)) {
    const state = own.scopes.get(scope);
    if (state !== undefined) {
      const { [key.type]: present = 0, ...others } = state.counts;
      const counts = present + step === 0 ? others : { ...others, [key.type]: present + step };
      own.scopes.set(scope, { ...state, counts });
    }
  }
}

function expectHolds(key: ResourceKey, expect: Expectation | undefined, current: StoredResource | undefined) {
  if (expect === undefined) {
    return;
  }
  if ('absent' in expect) {
    if (current !== undefined) {
      throw new KumulusError('conflict', `resource already exists: ${described(key)}`);
    }
    return;
  }
  if (current === undefined || ('version' in expect && current.version !== expect.version)) {
    throw new KumulusError('conflict', `resource conflict: ${described(key)}`);
  }
}

function notFound(key: ResourceKey): KumulusError {
  return new KumulusError('not_found', `resource not found: ${described(key)}`);
}

/** In the reference's words, which its API shows. */
function described({ type, name, mesh }: ResourceKey): string {
  return `type=${JSON.stringify(type)} name=${JSON.stringify(name)} mesh=${JSON.stringify(mesh)}`;
}

function resourceOperations(before: Before, draft: Draft): Operation[] {
  return [...draft.resources].flatMap(([name, after]): Operation[] => {
    const stored = before.resources.get(name);
    const condition: Condition = stored === undefined ? { absent: true } : { version: stored.version };
    if (stored === undefined && after.stored === undefined) {
      return [];
    }
    return scopesOf(after.key).map((scope) => {
      const state = draft.scopes.get(scope) ?? headOf(before, scope);
      const key = resourceItemKey(partitionOf(scope, state), after.key);
      return after.stored === undefined || after.text === undefined
        ? { kind: 'delete', key, condition }
        : { kind: 'put', item: { ...key, version: after.stored.version, value: after.text }, condition };
    });
  });
}

function scopeOperations(
  before: Before,
  draft: Draft,
  touched: ReadonlySet<string>,
  now: number,
  logSeconds: number,
): Operation[] {
  return [...touched].flatMap((scope): Operation[] => {
    const head = headOf(before, scope);
    const state = draft.scopes.get(scope) ?? head;
    const revision = head.revision + 1;
    const changes = [...draft.resources.values()]
      .filter(({ key }) => scopesOf(key).includes(scope))
      .map(({ key, text }) => (text === undefined ? { key } : { text }));
    const next = { ...head, ...state, revision };
    return [
      putHead(scope, head, next),
      { kind: 'put', item: logItem(partitionOf(scope, state), revision, now, changes, logSeconds) },
    ];
  });
}
