import type { ResourceType } from '../model/resource-type.ts';
import { resourceCounts } from './mesh-insight.ts';
import type { MeshModel } from './mesh-model.ts';
import type { ProxyRow } from './rows.ts';
import { serviceInsights } from './service-insights.ts';
import { type Counts, noCounts, totalOf } from './tally.ts';

/** Proxies, or services, by status; what is 0 is told. */
interface Statuses {
  readonly online: number;
  readonly offline: number;
  readonly partiallyDegraded: number;
  readonly total: number;
}

interface Online {
  readonly online: number;
  readonly total: number;
}

/** Kuma's `GlobalInsight`: everything that a control plane has, counted. */
export interface GlobalInsight {
  /** RFC 3339. */
  readonly createdAt: string;
  readonly dataplanes: Readonly<Record<'standard' | 'gatewayBuiltin' | 'gatewayDelegated', Statuses>>;
  readonly meshes: { readonly total: number };
  /** Policies of all types. */
  readonly policies: { readonly total: number };
  /** By type. */
  readonly resources: Readonly<Record<string, { readonly total: number }>>;
  readonly services: Readonly<Record<'internal' | 'gatewayBuiltin' | 'gatewayDelegated', Statuses>> & {
    readonly external: { readonly total: number };
  };
  /** Those that ever connected. */
  readonly zones: Readonly<Record<'controlPlanes' | 'zoneIngresses' | 'zoneEgresses', Online>>;
}

function statusesOf(counts: Counts): Statuses {
  const { online, offline, partially_degraded: partiallyDegraded } = counts;
  return { online, offline, partiallyDegraded, total: totalOf(counts) };
}

function onlineOf(rows: readonly ProxyRow[]): Online {
  const connected = rows.filter(({ record }) => record !== undefined);
  return {
    online: connected.filter(({ status }) => status === 'online').length,
    total: connected.length,
  };
}

/** What is counted on the way. */
class Sum {
  readonly #counts = new Map<string, Counts>();

  add(key: string, counts: Partial<Counts>): void {
    const before = this.#counts.get(key) ?? noCounts;
    this.#counts.set(key, {
      online: before.online + (counts.online ?? 0),
      offline: before.offline + (counts.offline ?? 0),
      partially_degraded: before.partially_degraded + (counts.partially_degraded ?? 0),
    });
  }

  get(key: string): Statuses {
    return statusesOf(this.#counts.get(key) ?? noCounts);
  }
}

function servicesOf(models: readonly MeshModel[]): GlobalInsight['services'] {
  const sum = new Sum();
  let external = 0;
  for (const { spec } of models.flatMap((model) => [...serviceInsights(model).values()])) {
    const { status, serviceType = 'internal' } = spec;
    if (serviceType === 'external') {
      external += 1;
    } else if (status === 'online' || status === 'offline' || status === 'partially_degraded') {
      sum.add(serviceType, { [status]: 1 });
    }
  }
  return {
    internal: sum.get('internal'),
    gatewayBuiltin: sum.get('gateway_builtin'),
    gatewayDelegated: sum.get('gateway_delegated'),
    external: { total: external },
  };
}

/** Counts what is in the meshes together, and the zone proxies beside them. */
export function globalInsight(
  models: readonly MeshModel[],
  zoneProxies: Readonly<Record<'ZoneIngress' | 'ZoneEgress', readonly ProxyRow[]>>,
  types: readonly ResourceType[],
  now: number,
): GlobalInsight {
  const sum = new Sum();
  const resources: Record<string, { total: number }> = {};
  let policies = 0;
  for (const model of models) {
    for (const [kind, counts] of Object.entries(model.tally.kinds)) {
      sum.add(kind, counts);
    }
    for (const [type, count] of resourceCounts(model, types)) {
      resources[type.name] = { total: (resources[type.name]?.total ?? 0) + count };
      policies += type.policy === undefined ? 0 : count;
    }
  }
  return {
    createdAt: new Date(now).toISOString(),
    dataplanes: {
      standard: sum.get('standard'),
      gatewayBuiltin: sum.get('gatewayBuiltin'),
      gatewayDelegated: sum.get('gatewayDelegated'),
    },
    meshes: { total: models.length },
    policies: { total: policies },
    resources,
    services: servicesOf(models),
    zones: {
      controlPlanes: { online: 0, total: 0 },
      zoneIngresses: onlineOf(zoneProxies.ZoneIngress),
      zoneEgresses: onlineOf(zoneProxies.ZoneEgress),
    },
  };
}
