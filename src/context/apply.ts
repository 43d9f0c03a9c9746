import type { Resource } from '../model/resource.ts';
import type { LogEntry, LoggedChange, MeshState } from '../store/resource-store.ts';
import { instancesOf, serviceOf } from './instances.ts';
import type { ContextChanges, MeshContext, ServiceInstance } from './mesh-context.ts';
import { SortedMap } from './sorted-map.ts';

/** A context that is being made: what is different from the one before. */
interface Draft {
  readonly before: Pick<MeshContext, 'resources' | 'services'>;
  /** What was put, by type and name; undefined where it was deleted. */
  readonly types: Map<string, Map<string, Resource | undefined>>;
  /** The lists of services that this draft has changed; they are its own. */
  readonly services: Map<string, ServiceInstance[]>;
  readonly dataplanes: Set<string>;
  /** Of types other than Dataplane, what was there before and what came in its place. */
  readonly versions: Map<string, Set<Resource>>;
}

function draftOf(before: Pick<MeshContext, 'resources' | 'services'>): Draft {
  return { before, types: new Map(), services: new Map(), dataplanes: new Set(), versions: new Map() };
}

function ownType({ types }: Draft, type: string): Map<string, Resource | undefined> {
  const own = types.get(type) ?? new Map<string, Resource | undefined>();
  types.set(type, own);
  return own;
}

function ownService({ before, services }: Draft, service: string): ServiceInstance[] {
  const own = services.get(service) ?? [...(before.services.get(service) ?? [])];
  services.set(service, own);
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
      const list = ownService(draft, service);
      const start = placeOf(list, name);
      list.splice(start, old.get(service)?.length ?? 0, ...instances);
    }
  }
}

/** Where the instances of a Dataplane are in a list that is in the order of Dataplanes, or would be. */
function placeOf(list: readonly ServiceInstance[], name: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.dataplane ?? '') < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function applyChange(draft: Draft, change: LoggedChange): void {
  const { type, name } = change.kind === 'put' ? change.resource : change.key;
  const own = ownType(draft, type);
  const before = own.has(name) ? own.get(name) : draft.before.resources.get(type)?.get(name);
  const after = change.kind === 'put' ? change.resource : undefined;
  own.set(name, after);
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

/** The map as one that further maps can follow from; mostly it is one already. */
function sortedMap<Value extends object>(map: ReadonlyMap<string, Value> | undefined): SortedMap<Value> {
  return map instanceof SortedMap ? map : SortedMap.of(map ?? []);
}

/** The map with what a draft has changed in it; itself where that is nothing. */
function merge<Value extends object>(
  before: ReadonlyMap<string, Value>,
  changed: Iterable<readonly [string, Value]>,
  isEmpty: (value: Value) => boolean,
): ReadonlyMap<string, Value> {
  const changes = new Map<string, Value | undefined>();
  for (const [key, value] of changed) {
    changes.set(key, isEmpty(value) ? undefined : value);
  }
  return changes.size === 0 ? before : sortedMap(before).with(changes);
}

function finish({ before, types, services }: Draft, mesh: string, revision: number): MeshContext {
  const changed = [...types].map(([type, resources]): [string, ReadonlyMap<string, Resource>] => [
    type,
    sortedMap(before.resources.get(type)).with(resources),
  ]);
  return {
    mesh,
    revision,
    resources: merge(before.resources, changed, ({ size }) => size === 0),
    services: merge(before.services, services, ({ length }) => length === 0),
  };
}

/** The context of a mesh that was loaded whole. */
export function contextOf(mesh: string, state: MeshState): MeshContext {
  const types = new Map<string, [string, Resource][]>();
  const services = new Map<string, ServiceInstance[]>();
  for (const resource of state.resources) {
    const resources = types.get(resource.type) ?? [];
    resources.push([resource.name, resource]);
    types.set(resource.type, resources);
    for (const instance of resource.type === 'Dataplane' ? instancesOf(resource) : []) {
      const list = services.get(serviceOf(instance)) ?? [];
      list.push(instance);
      services.set(serviceOf(instance), list);
    }
  }
  for (const list of services.values()) {
    // The sort is stable, so the inbounds of one Dataplane keep their order.
    list.sort((a, b) => (a.dataplane < b.dataplane ? -1 : a.dataplane > b.dataplane ? 1 : 0));
  }
  return {
    mesh,
    revision: state.revision,
    resources: SortedMap.of([...types].map(([type, resources]) => [type, SortedMap.of(resources)])),
    services: SortedMap.of(services),
  };
}

/**
 * The context after further commits, and what they touched; the same as if it had been loaded whole at the last of
 * them. Maps and lists that no commit touched are those of the context before. The cost is that of the changes and of the
 * services that they touch, not of the mesh.
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
