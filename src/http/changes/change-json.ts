import type { RequestAccess } from '../../auth/request-access.ts';
import { renderResource } from '../../model/render-resource.ts';
import type { Resource, ResourceKey } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { LogEntry, LoggedChange } from '../../store/resource-store.ts';

/** One change as `_changes` tells it. */
export interface ShownChange {
  readonly action: 'put' | 'delete';
  readonly type: string;
  /** Absent for what is in no mesh. */
  readonly mesh?: string;
  readonly name: string;
  /** The resource as reading it answers, but nothing of what is in a secret; absent for a delete. */
  readonly resource?: Readonly<Record<string, unknown>>;
}

/** One commit as `_changes` tells it. */
export interface ShownCommit {
  readonly revision: number;
  /** RFC 3339, in UTC. */
  readonly time: string;
  readonly changes: readonly ShownChange[];
}

/** What the caller may see of a commit; undefined where that is nothing. */
export function shownCommit(
  entry: LogEntry,
  types: ReadonlyMap<string, ResourceType>,
  access: RequestAccess,
): ShownCommit | undefined {
  const changes = entry.changes.flatMap((change) => shownChange(change, types, access) ?? []);
  return changes.length === 0
    ? undefined
    : { revision: entry.revision, time: new Date(entry.time).toISOString(), changes };
}

function shownChange(
  change: LoggedChange,
  types: ReadonlyMap<string, ResourceType>,
  access: RequestAccess,
): ShownChange | undefined {
  const key = change.kind === 'put' ? change.resource : change.key;
  const type = types.get(key.type);
  if (type === undefined || !mayRead(access, type, key)) {
    return undefined;
  }
  return {
    action: change.kind,
    type: key.type,
    ...(key.mesh !== '' && { mesh: key.mesh }),
    name: key.name,
    ...(change.kind === 'put' && { resource: renderResource(type, withoutSecret(type, change.resource)) }),
  };
}

function mayRead(access: RequestAccess, type: ResourceType, { mesh, name }: ResourceKey): boolean {
  const readable = access.readable(type, mesh);
  return readable === 'all' || readable.has(name);
}

function withoutSecret(type: ResourceType, resource: Resource): Resource {
  return type.secret ? { ...resource, spec: {} } : resource;
}
