/** Where a resource lives: in one mesh, or beside the meshes. */
export type Scope = 'Mesh' | 'Global';

/** Names one resource within a tenant. `mesh` is empty for global resources. */
export interface ResourceKey {
  /** Kuma's type name, such as `Dataplane`. */
  readonly type: string;
  readonly mesh: string;
  readonly name: string;
}

/** A stored resource: Kuma's metadata, the version for optimistic concurrency, and what its type says. */
export interface Resource<Spec = unknown> extends ResourceKey {
  readonly labels: Readonly<Record<string, string>>;
  /** RFC 3339, in UTC. */
  readonly creationTime: string;
  /** RFC 3339, in UTC. */
  readonly modificationTime: string;
  /** 1 when created, one more with each write. */
  readonly version: number;
  readonly spec: Spec;
}

/** One text that tells resources of a tenant apart, for maps and logs. */
export function keyText(key: ResourceKey): string {
  return `${key.type}/${key.mesh}/${key.name}`;
}
