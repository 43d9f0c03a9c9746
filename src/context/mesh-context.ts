import type { Resource } from '../model/resource.ts';

/**
 * All that matching and compiling may know of a mesh, at one revision. Immutable: a change makes a new one
 * that shares what did not change, so identity tells what is the same. Maps are in the order of their keys, and the
 * instances of a service in the order of Dataplanes and their inbounds, whatever order commits came in.
 */
export interface MeshContext {
  readonly mesh: string;
  readonly revision: number;
  /** By type, then by name. Types with nothing in them may be absent. The `Mesh` itself is under `Mesh`. */
  readonly resources: ReadonlyMap<string, ReadonlyMap<string, Resource>>;
  /** The inbounds that make up each service (`kuma.io/service`); keys are services, values change identity when an endpoint does. */
  readonly services: ReadonlyMap<string, readonly ServiceInstance[]>;
}

/** One inbound (or gateway) of one Dataplane under the service that its tags name. */
export interface ServiceInstance {
  readonly dataplane: string;
  readonly address: string;
  readonly port: number;
  /** All tags of the inbound, `kuma.io/service` included. */
  readonly tags: Readonly<Record<string, string>>;
  /** False while its state is not Ready. */
  readonly ready: boolean;
}

/** What a step from one context to the next has touched. */
export interface ContextChanges {
  /** Names of Dataplanes put or deleted. */
  readonly dataplanes: ReadonlySet<string>;
  /** Services whose instances changed. */
  readonly services: ReadonlySet<string>;
  /** What was put or deleted of types other than Dataplane, by type: every resource as it was and as it has become. */
  readonly types: ReadonlyMap<string, ReadonlySet<Resource>>;
}
