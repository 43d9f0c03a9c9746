import type { Resource } from '../model/resource.ts';
import type { LogEntry, LoggedChange, MeshState } from '../store/resource-store.ts';
import { instancesOf, serviceOf } from './instances.ts';
import type { ContextChanges, MeshContext, ServiceInstance } from './mesh-context.ts';

/** A context that is being made: maps of the one before, copied where something changes. */
interface Draft {
  readonly before: Pick<MeshContext, 'resources' | 'services'>;
  /** The maps of types and the lists of services that this draft has changed; they are its own. */
  readonly types: Map<string, Map<string, Resource>>;
  readonly services: Map<string, ServiceInstance[]>;
  readonly dataplanes: Set<string>;
  /** Of types other than Dataplane, what was there before and what came in its place. */
  readonly versions: Map<string, Set<Resource>>;
}

const nothing: Pick<MeshContext, 'resources' | 'services'> = { resources: new Map(), services: new Map() };

function draftOf(before: Pick<MeshContext, 'resources' | 'services'>): Draft {
  return { before, types: new Map(), services: new Map(), dataplanes: new Set(), versions: new Map() };
}

function ownType({ before, types }: Draft, type: string): Map<string, Resource> {
  const own = types.get(type) ?? new Map(before.resources.get(type));
  types.set(type, own);
  return own;
}

function byService(resource: Resource | undefined): ReadonlyMap<string, readonly ServiceInstance[]> {
  const lists = new Map<string, ServiceInstance[]>();
  for (const instance of resource === undefined ? [] : instancesOf(resource)) {
    const service = serviceOf(instance);
    const list = lists.get(service) ?? [];
    list.push(instance);
    lists.set(service, list);
  }
  return lists;
}

/** Only services whose instances differ are touched: a Dataplane that is written again mostly has the same inbounds. */
function replaceInstances(
  draft: Draft,
  name: string,
  before: Resource | undefined,
  after: Resource | undefined,
) {
  const old = byService(before);
  const next = byService(after);
  for (const service of new Set([...old.keys(), ...next.keys()])) {
    const instances = next.get(service) ?? [];
    if (JSON.stringify(old.get(service) ?? []) !== JSON.stringify(instances)) {
      const list = draft.services.get(service) ?? draft.before.services.get(service) ?? [];
      draft.services.set(service, [...list.filter(({ dataplane }) => dataplane !== name), ...instances]);
    }
  }
}

function applyChange(draft: Draft, change: LoggedChange): void {
  const { type, name } = change.kind === 'put' ? change.resource : change.key;
  const resources = ownType(draft, type);
  const before = resources.get(name);
  const after = change.kind === 'put' ? change.resource : undefined;
  if (after === undefined) {
    resources.delete(name);
  } else {
    resources.set(name, after);
  }
  if (type === 'Dataplane') {
    draft.dataplanes.add(name);
    replaceInstances(draft, name, before, after);
  } else {
    noteVersions(draft, type, [before, after]);
  }
}

function noteVersions({ versions }: Draft, type: string, both: readonly (Resource | undefined)[]): void {
  const noted = versions.get(type) ?? new Set();
  versions.set(type, noted);
  for (const resource of both) {
    if (resource !== undefined) {
      noted.add(resource);
    }
  }
}

/** Orders what a draft has changed and puts it in the place of what was there before. */
function merge<Value>(
  before: ReadonlyMap<string, Value>,
  changed: Iterable<readonly [string, Value]>,
  isEmpty: (value: Value) => boolean,
): ReadonlyMap<string, Value> {
  const merged = new Map(before);
  for (const [key, value] of changed) {
    if (isEmpty(value)) {
      merged.delete(key);
    } else {
      merged.set(key, value);
    }
  }
  return ordered(merged);
}

/** The map in the order of its keys; mostly it is already, because only what is new comes at the end. */
function ordered<Value>(map: Map<string, Value>): Map<string, Value> {
  let last: string | undefined;
  for (const key of map.keys()) {
    if (last !== undefined && key < last) {
      return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    last = key;
  }
  return map;
}

function finish(draft: Draft, mesh: string, revision: number): MeshContext {
  const { before } = draft;
  const types = [...draft.types].map(([type, resources]): [string, ReadonlyMap<string, Resource>] => [
    type,
    ordered(resources),
  ]);
  const services = [...draft.services].map(([service, list]): [string, readonly ServiceInstance[]] => [
    service,
    // The sort is stable, so the inbounds of one Dataplane keep their order.
    list.sort((a, b) => (a.dataplane < b.dataplane ? -1 : a.dataplane > b.dataplane ? 1 : 0)),
  ]);
  return {
    mesh,
    revision,
    resources: merge(before.resources, types, ({ size }) => size === 0),
    services:
      services.length === 0
        ? before.services
        : merge(before.services, services, ({ length }) => length === 0),
  };
}

/** The context of a mesh that was loaded whole. */
export function contextOf(mesh: string, state: MeshState): MeshContext {
  const types = new Map<string, Map<string, Resource>>();
  const services = new Map<string, ServiceInstance[]>();
  for (const resource of state.resources) {
    const resources = types.get(resource.type) ?? new Map<string, Resource>();
    resources.set(resource.name, resource);
    types.set(resource.type, resources);
    for (const instance of resource.type === 'Dataplane' ? instancesOf(resource) : []) {
      const list = services.get(serviceOf(instance)) ?? [];
      list.push(instance);
      services.set(serviceOf(instance), list);
    }
  }
  return finish({ ...draftOf(nothing), types, services }, mesh, state.revision);
}

/**
 * The context after further commits, and what they touched; the same as if it had been loaded whole at the last of
 * them. Maps and lists that no commit touched are those of the context before. The cost is that of the maps that
 * change, not of the mesh.
 */
export function applyEntries(
  context: MeshContext,
  entries: readonly LogEntry[],
): { readonly context: MeshContext; readonly changes: ContextChanges } {
  const draft = draftOf(context);
  for (const { changes } of entries) {
    for (const change of changes) {
      applyChange(draft, change);
    }
  }
  const revision = entries.at(-1)?.revision ?? context.revision;
  return {
    context: entries.length === 0 ? context : finish(draft, context.mesh, revision),
    changes: {
      dataplanes: draft.dataplanes,
      services: new Set(draft.services.keys()),
      types: draft.versions,
    },
  };
}
