import { KumulusError } from '../../model/errors.ts';
import { keyText, type Resource, type ResourceKey } from '../../model/resource.ts';
import type { Expectation } from '../resource-store.ts';
import {
  type AppliedChange,
  type Before,
  type Draft,
  type EncodedChange,
  keyOfChange,
  nextRevision,
} from './commit-draft.ts';
import { isMesh, scopesOf } from './keys.ts';
import { resourceText, type StoredResource } from './resource-text.ts';

/**
 * Makes one change in the draft of its commit.
 *
 * @param earlier What the commits before have made.
 * @throws KumulusError as `ResourceStore.commit` does.
 */
export function applyChange(
  before: Before,
  earlier: Draft,
  own: Draft,
  change: EncodedChange,
  time: string,
): AppliedChange {
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
    own.resources.set(name, { key, stored: undefined });
    return { key, before: current, after: undefined };
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
  const text = resourceText(change.encoded, stamp);
  const stored = { ...key, creationTime: stamp.creationTime, version: stamp.version, text };
  own.resources.set(name, { key, stored });
  return { key, before: current, after: stored, written: resource };
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
