import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import type { DataplaneSpec, Gateway } from '../model/types/dataplane.ts';
import type { Insight } from '../store/insights.ts';
import { both, type Filter } from './filters.ts';
import { isOnline, type RelayAlive } from './insight-json.ts';

function specOf(dataplane: Resource): DataplaneSpec {
  return dataplane.spec as DataplaneSpec;
}

function invalidParameter(route: string, name: string, message: string): KumulusError {
  return new KumulusError('invalid', 'Resource is not valid', {
    title: 'Could not retrieve resources',
    violations: [{ field: `${route}.${name}`, message }],
  });
}

const gatewayModes: ReadonlyMap<string, (gateway: Gateway | undefined) => boolean> = new Map([
  ['true', (gateway) => gateway !== undefined],
  ['false', (gateway) => gateway === undefined],
  ['builtin', (gateway) => gateway?.type === 'BUILTIN'],
  // The default of the enumeration is left out of what is stored.
  ['delegated', (gateway) => gateway !== undefined && gateway.type !== 'BUILTIN'],
]);

function gatewayFilter(query: URLSearchParams, route: string): Filter | undefined {
  const mode = (query.get('gateway') ?? '').toLowerCase();
  if (mode === '') {
    return undefined;
  }
  const matches = gatewayModes.get(mode);
  if (matches === undefined) {
    const message = `shoud use \`true\`, \`false\`, 'builtin' or 'delegated' instead of ${mode}`;
    throw invalidParameter(route, 'gateway', message);
  }
  return (dataplane) => matches(specOf(dataplane).networking?.gateway);
}

/** Whether every wanted tag is there with the wanted text in its value, or with any for `*`. */
function hasTags(tags: Readonly<Record<string, string>> | undefined, wanted: ReadonlyMap<string, string>) {
  return [...wanted].every(([name, value]) => {
    const found = tags !== undefined && Object.hasOwn(tags, name) ? tags[name] : undefined;
    return found !== undefined && (value === '*' || found.includes(value));
  });
}

/** `tag=<name>:<part of the value>`; one inbound, or the gateway, must have them all. What has no colon is ignored. */
function tagFilter(query: URLSearchParams): Filter | undefined {
  const wanted = new Map(
    query
      .getAll('tag')
      .filter((tag) => tag.includes(':'))
      .map((tag) => [tag.slice(0, tag.indexOf(':')), tag.slice(tag.indexOf(':') + 1)]),
  );
  if (wanted.size === 0) {
    return undefined;
  }
  return (dataplane) => {
    const { networking } = specOf(dataplane);
    return (
      (networking?.inbound ?? []).some(({ tags }) => hasTags(tags, wanted)) ||
      hasTags(networking?.gateway?.tags, wanted)
    );
  };
}

/**
 * The filters of lists of Dataplanes: `gateway` and `tag`.
 *
 * @throws KumulusError `invalid` for a gateway mode that there is not.
 */
export function dataplaneFilter(query: URLSearchParams, route: string): Filter | undefined {
  return both(gatewayFilter(query, route), tagFilter(query));
}

/** As Kuma's overviews and `kumactl` tell it. */
export type ProxyStatus = 'online' | 'offline' | 'partially_degraded';

const statuses: ReadonlySet<string> = new Set<ProxyStatus>(['online', 'offline', 'partially_degraded']);

/** A proxy is degraded where some of its inbounds are not ready, and offline where none is, or nobody hears it. */
export function proxyStatus(
  dataplane: Resource,
  insight: Insight | undefined,
  alive: RelayAlive,
): ProxyStatus {
  const { networking } = specOf(dataplane);
  const inbounds = networking?.inbound ?? [];
  const notReady = inbounds.filter(({ state, health }) => state === 'NotReady' || (health && !health.ready));
  const isGateway = networking?.gateway !== undefined;
  if (!isOnline(insight, alive) || (!isGateway && notReady.length === inbounds.length)) {
    return 'offline';
  }
  return !isGateway && notReady.length > 0 ? 'partially_degraded' : 'online';
}

/**
 * The status that an overview's `status` asks for.
 *
 * @throws KumulusError `invalid` where there is no such status.
 */
export function wantedStatus(query: URLSearchParams, route: string): string | undefined {
  const status = query.get('status');
  if (status === null || status === '') {
    return undefined;
  }
  if (!statuses.has(status)) {
    throw invalidParameter(route, 'status', `must be one of ${[...statuses].join(', ')}, got ${status}`);
  }
  return status;
}
