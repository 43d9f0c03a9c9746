import { applyEntries } from '../../../src/context/apply.ts';
import type { MeshContext } from '../../../src/context/mesh-context.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { defaultPolicies } from '../../../src/policies/defaults.ts';
import type { LoggedChange } from '../../../src/store/resource-store.ts';
import { meshContext, plainMesh, stored, writable } from './compile-fixture.ts';

export interface FleetSize {
  readonly proxies: number;
  readonly services: number;
  readonly outbounds: number;
}

/** A mesh of proxies that are spread over services, each of which consumes some others. */
export function fleet(size: FleetSize): {
  readonly context: MeshContext;
  readonly dataplanes: readonly Resource[];
} {
  const dataplanes = Array.from({ length: size.proxies }, (_, at) => fleetMember(at, size));
  const policies = defaultPolicies('default').map((policy) => stored(policy));
  return { context: meshContext(1, plainMesh('default'), [...policies, ...dataplanes]), dataplanes };
}

/** One proxy of the fleet; the same position always gives the same one. */
export function fleetMember(at: number, { services, outbounds }: FleetSize): Resource {
  const consumed = Array.from({ length: outbounds }, (_, port) => (at * 7 + port * 13 + 1) % services);
  const dataplane = writable({
    type: 'Dataplane',
    mesh: 'default',
    name: `fleet-${at}`,
    networking: {
      address: `10.${1 + Math.floor(at / 62500)}.${Math.floor(at / 250) % 250}.${1 + (at % 250)}`,
      inbound: [
        { port: 8080, tags: { 'kuma.io/service': `service-${at % services}`, 'kuma.io/protocol': 'http' } },
      ],
      outbound: consumed.map((service, port) => ({
        port: 10080 + port,
        tags: { 'kuma.io/service': `service-${service}` },
      })),
    },
  });
  if (dataplane === undefined) {
    throw new Error('a Dataplane is a type that is known');
  }
  return dataplane;
}

/** The context after a resource was put; what it does not touch is shared. */
export function withResource(context: MeshContext, resource: Resource): MeshContext {
  return applied(context, { kind: 'put', resource }).context;
}

/** The context after a resource was deleted. */
export function withoutResource(context: MeshContext, type: string, name: string): MeshContext {
  return applied(context, { kind: 'delete', key: { type, mesh: context.mesh, name } }).context;
}

/** The context after a change, and what that touched. */
export function applied(context: MeshContext, change: LoggedChange): ReturnType<typeof applyEntries> {
  return applyEntries(context, [{ revision: context.revision + 1, time: 0, changes: [change] }]);
}

/** A MeshTimeout for the whole mesh that sets the connection timeout of all outbounds. */
export function connectionTimeout(timeout: string): Resource {
  const policy = writable({
    type: 'MeshTimeout',
    mesh: 'default',
    name: 'connection',
    spec: {
      targetRef: { kind: 'Mesh' },
      to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: timeout } }],
    },
  });
  if (policy === undefined) {
    throw new Error('a MeshTimeout is a type that is known');
  }
  return policy;
}
