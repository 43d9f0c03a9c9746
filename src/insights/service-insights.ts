import type { MeshContext } from '../context/mesh-context.ts';
import type { Resource } from '../model/resource.ts';
import { serviceTag, zoneTag } from '../model/tags.ts';
import type { ExternalServiceSpec } from '../model/types/external-service.ts';
import {
  type ServiceInsightSpec,
  type ServiceType,
  serviceInsightType,
} from '../model/types/insights/service-insight.ts';
import type { MeshModel } from './mesh-model.ts';
import { factsOf } from './proxy-status.ts';
import type { ProxyRow } from './rows.ts';
import type { ServiceTally } from './tally.ts';

/** A service as its insight shows it. */
interface ServiceInsight extends Resource {
  readonly spec: ServiceInsightSpec;
}

/** Where proxies that have transparent proxying reach a service: Kuma's domain and port of VIPs. */
function addressOf(service: string): string {
  return `${service}.mesh:80`;
}

/** The type that is told of a service: where there are several, that of the first proxy by name, as in the reference. */
function typeOf(service: string, { types }: ServiceTally, rows: readonly ProxyRow[]): ServiceType {
  if (types.size > 1) {
    for (const { resource } of rows) {
      const part = factsOf(resource).parts.find((each) => each.service === service);
      if (part !== undefined) {
        return part.type;
      }
    }
  }
  const [type = 'internal'] = types.keys();
  return type;
}

function statusOf({ online, offline }: ServiceTally): NonNullable<ServiceInsightSpec['status']> {
  if (online === 0) {
    return 'offline';
  }
  return offline === 0 ? 'online' : 'partially_degraded';
}

function countsOf(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

function sortedNames(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort();
}

/** An ExternalService by what insights look at. */
interface External {
  readonly service: string;
  readonly address: string;
  readonly zone: string;
  readonly resource: Resource;
}

function externalsOf(context: MeshContext): ReadonlyMap<string, readonly External[]> {
  const externals = new Map<string, External[]>();
  for (const resource of context.resources.get('ExternalService')?.values() ?? []) {
    const { networking, tags = {} } = resource.spec as ExternalServiceSpec;
    const service = tags[serviceTag] ?? '';
    const external = { service, address: networking?.address ?? '', zone: tags[zoneTag] ?? '', resource };
    externals.set(service, [...(externals.get(service) ?? []), external]);
  }
  return externals;
}

function specOf(
  service: string,
  tally: ServiceTally | undefined,
  externals: readonly External[],
  rows: readonly ProxyRow[],
): ServiceInsightSpec {
  const zones = sortedNames([
    ...(tally?.zones.keys() ?? []),
    ...externals.flatMap(({ zone }) => (zone === '' ? [] : [zone])),
  ]);
  const where = zones.length > 0 ? { zones: [...zones] } : {};
  if (tally === undefined) {
    const address = externals[0]?.address ?? '';
    return {
      status: 'not_available',
      dataplanes: {},
      serviceType: 'external',
      ...(address !== '' && { addressPort: address }),
      ...where,
    };
  }
  const type = typeOf(service, tally, rows);
  return {
    status: statusOf(tally),
    dataplanes: countsOf({
      total: tally.online + tally.offline,
      online: tally.online,
      offline: tally.offline,
    }),
    ...(tally.issuedBackends.size > 0 && { issuedBackends: Object.fromEntries(tally.issuedBackends) }),
    ...(type === 'internal' ? { addressPort: addressOf(service) } : { serviceType: type }),
    ...where,
  };
}

function insightOf(
  context: MeshContext,
  service: string,
  spec: ServiceInsightSpec,
  modified: number,
): ServiceInsight {
  const mesh = context.resources.get('Mesh')?.get(context.mesh);
  const creationTime = mesh?.creationTime ?? new Date(0).toISOString();
  return {
    type: serviceInsightType.name,
    mesh: context.mesh,
    name: service,
    labels: {},
    creationTime,
    modificationTime: new Date(Math.max(modified, Date.parse(creationTime))).toISOString(),
    version: 1,
    spec,
  };
}

interface KnownServices {
  readonly tally: ReadonlyMap<string, ServiceTally>;
  readonly externals: unknown;
  readonly insights: ReadonlyMap<string, ServiceInsight>;
}

/** Of the newest contexts' Meshes; a service that nothing happened to keeps its insight. */
const known = new WeakMap<Resource, KnownServices>();

/** The insights of all services of a mesh, by name. */
export function serviceInsights({ context, rows, tally }: MeshModel): ReadonlyMap<string, ServiceInsight> {
  const mesh = context.resources.get('Mesh')?.get(context.mesh);
  const externalServices = context.resources.get('ExternalService');
  const before = mesh && known.get(mesh);
  if (before?.tally === tally.services && before.externals === externalServices) {
    return before.insights;
  }
  const externals = externalsOf(context);
  const insights = new Map<string, ServiceInsight>();
  for (const service of sortedNames([...tally.services.keys(), ...externals.keys()])) {
    const own = tally.services.get(service);
    const outside = externals.get(service) ?? [];
    const unchanged =
      own !== undefined && outside.length === 0 && before?.tally.get(service) === own
        ? before.insights.get(service)
        : undefined;
    const modified = Math.max(
      own?.modified ?? 0,
      ...outside.map(({ resource }) => Date.parse(resource.modificationTime)),
    );
    const insight = unchanged ?? insightOf(context, service, specOf(service, own, outside, rows), modified);
    insights.set(service, insight);
  }
  if (mesh !== undefined) {
    known.set(mesh, { tally: tally.services, externals: externalServices, insights });
  }
  return insights;
}

/**
 * The insight of one service. Of a service that there is not it says nothing but where it would be, as in the
 * reference.
 */
export function serviceInsight(model: MeshModel, service: string): ServiceInsight {
  const found = serviceInsights(model).get(service);
  const nothing = { dataplanes: {}, addressPort: addressOf(service) };
  return found ?? insightOf(model.context, service, nothing, model.tally.modified);
}
