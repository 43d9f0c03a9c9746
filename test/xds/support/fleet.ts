import type { MeshContext, ServiceInstance } from '../../../src/context/mesh-context.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { defaultPolicies } from '../../../src/policies/defaults.ts';
import { instancesOf, meshContext, plainMesh, stored, writable } from './compile-fixture.ts';

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
  const byName = new Map(context.resources.get(resource.type)).set(resource.name, resource);
  const next = {
    ...context,
    revision: context.revision + 1,
    resources: new Map(context.resources).set(resource.type, byName),
  };
  return resource.type === 'Dataplane' ? withInstances(next, resource.name, instancesOf(resource)) : next;
}

/** The context after a resource was deleted. */
export function withoutResource(context: MeshContext, type: string, name: string): MeshContext {
  const byName = new Map(context.resources.get(type));
  byName.delete(name);
  const next = {
    ...context,
    revision: context.revision + 1,
    resources: new Map(context.resources).set(type, byName),
  };
  return type === 'Dataplane' ? withInstances(next, name, []) : next;
}

function withInstances(
  context: MeshContext,
  dataplane: string,
  instances: readonly ServiceInstance[],
): MeshContext {
  const services = new Map(context.services);
  for (const [service, before] of services) {
    if (before.some((instance) => instance.dataplane === dataplane)) {
      services.set(
        service,
        before.filter((instance) => instance.dataplane !== dataplane),
      );
    }
  }
  for (const instance of instances) {
    const service = instance.tags['kuma.io/service'] ?? '';
    services.set(service, [...(services.get(service) ?? []), instance]);
  }
  for (const [service, members] of services) {
    if (members.length === 0) {
      services.delete(service);
    }
  }
  return { ...context, services };
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
