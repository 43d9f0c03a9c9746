import type { Resource } from '../model/resource.ts';
import { serviceTag, zoneTag } from '../model/tags.ts';
import type { DataplaneSpec, Inbound } from '../model/types/dataplane.ts';
import { type GatewayType, gatewayTypeOf, inboundsOf } from '../model/types/dataplane-helpers.ts';
import type { ServiceType } from '../model/types/insights/service-insight.ts';

/** As Kuma's overviews and `kumactl` tell it, in the words of its ServiceInsight. */
export type ProxyStatus = 'online' | 'offline' | 'partially_degraded';

export const proxyStatuses: readonly ProxyStatus[] = ['online', 'offline', 'partially_degraded'];

/** One instance of a service: an inbound of a Dataplane, or its gateway. */
export interface ServicePart {
  readonly service: string;
  readonly type: Exclude<ServiceType, 'external'>;
  /** Empty where its tags name none. */
  readonly zone: string;
}

/** What counts and lists look at of a Dataplane. */
export interface ProxyFacts {
  /** Undefined for a sidecar. */
  readonly gateway: GatewayType | undefined;
  /** The same service once for each inbound that has it, as in the reference. */
  readonly parts: readonly ServicePart[];
  readonly inbounds: number;
  readonly notReady: number;
}

function partOf(type: ServicePart['type'], tags: Readonly<Record<string, string>> = {}): ServicePart {
  return { service: tags[serviceTag] ?? '', type, zone: tags[zoneTag] ?? '' };
}

/** As Kuma decides for a status: unlike for endpoints, an inbound that is to be ignored does not stand in the way. */
function isNotReady({ health, state }: Inbound): boolean {
  return (health !== undefined && health.ready !== true) || state === 'NotReady';
}

function factsFrom(spec: DataplaneSpec): ProxyFacts {
  const inbounds = inboundsOf(spec);
  const gateway = gatewayTypeOf(spec);
  const door = gateway === 'BUILTIN' ? 'gateway_builtin' : 'gateway_delegated';
  return {
    gateway,
    parts: [
      ...(gateway === undefined ? [] : [partOf(door, spec.networking?.gateway?.tags)]),
      ...inbounds.filter(({ state }) => state !== 'Ignored').map(({ tags }) => partOf('internal', tags)),
    ].filter(({ service }) => service !== ''),
    inbounds: inbounds.length,
    notReady: inbounds.filter(isNotReady).length,
  };
}

const known = new WeakMap<Resource, ProxyFacts>();

/** The facts of a Dataplane, worked out once for each version. */
export function factsOf(dataplane: Resource): ProxyFacts {
  const before = known.get(dataplane);
  if (before !== undefined) {
    return before;
  }
  const facts = factsFrom(dataplane.spec as DataplaneSpec);
  known.set(dataplane, facts);
  return facts;
}

/**
 * A proxy is offline where nobody hears it or none of its inbounds is ready, and degraded where some are not. A gateway
 * has no inbounds to be ready.
 */
export function statusOf({ gateway, inbounds, notReady }: ProxyFacts, isConnected: boolean): ProxyStatus {
  if (!isConnected || (gateway === undefined && notReady === inbounds)) {
    return 'offline';
  }
  return gateway === undefined && notReady > 0 ? 'partially_degraded' : 'online';
}
