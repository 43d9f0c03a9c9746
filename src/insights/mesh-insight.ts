import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import {
  type DataplaneStat,
  type MeshInsightSpec,
  meshInsightType,
} from '../model/types/insights/mesh-insight.ts';
import type { MeshModel } from './mesh-model.ts';
import { type Counts, noCounts, totalOf } from './tally.ts';

function statOf(counts: Counts): DataplaneStat {
  const { online, offline, partially_degraded: partiallyDegraded } = counts;
  const all = { total: totalOf(counts), online, offline, partiallyDegraded };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0));
}

function sum(...counts: readonly Counts[]): Counts {
  return counts.reduce(
    (all, each) => ({
      online: all.online + each.online,
      offline: all.offline + each.offline,
      partially_degraded: all.partially_degraded + each.partially_degraded,
    }),
    noCounts,
  );
}

/** A map of counts as a member of this name; nothing where it is empty, as protobuf's JSON has it. */
function statsUnder<Name extends string>(
  name: Name,
  map: ReadonlyMap<string, Counts>,
): Partial<Record<Name, Record<string, DataplaneStat>>> {
  const stats: Partial<Record<Name, Record<string, DataplaneStat>>> = {};
  if (map.size > 0) {
    const sorted = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    stats[name] = Object.fromEntries(sorted.map(([key, counts]) => [key, statOf(counts)]));
  }
  return stats;
}

/** How many there are of each type of a mesh's resources; types of which there are none are left out. */
export function resourceCounts(
  { context }: Pick<MeshModel, 'context'>,
  types: readonly ResourceType[],
): ReadonlyMap<ResourceType, number> {
  return new Map(
    types.flatMap((type) => {
      const count = type.scope === 'Mesh' ? (context.resources.get(type.name)?.size ?? 0) : 0;
      return count === 0 || type.unlisted === true ? [] : [[type, count]];
    }),
  );
}

/** How many services there are: those that Dataplanes make up, and ExternalServices. */
function serviceCounts({ context, tally }: MeshModel) {
  const internal = tally.services.size;
  const external = context.resources.get('ExternalService')?.size ?? 0;
  return {
    ...(internal + external > 0 && { total: internal + external }),
    ...(internal > 0 && { internal }),
    ...(external > 0 && { external }),
  };
}

function totals(counts: Iterable<readonly [ResourceType, number]>): Record<string, { total: number }> {
  return Object.fromEntries([...counts].map(([type, total]) => [type.name, { total }]));
}

function specOf(model: MeshModel, types: readonly ResourceType[]): MeshInsightSpec {
  const { kinds, kumaDp, envoy, issuedBackends, supportedBackends } = model.tally;
  const { standard, gatewayBuiltin, gatewayDelegated } = kinds;
  const counts = [...resourceCounts(model, types)];
  const policies = counts.filter(([type]) => type.policy !== undefined);
  return {
    dataplanes: statOf(sum(standard, gatewayBuiltin, gatewayDelegated)),
    ...(policies.length > 0 && { policies: totals(policies) }),
    dpVersions: { ...statsUnder('kumaDp', kumaDp), ...statsUnder('envoy', envoy) },
    mTLS: {
      ...statsUnder('issuedBackends', issuedBackends),
      ...statsUnder('supportedBackends', supportedBackends),
    },
    services: serviceCounts(model),
    dataplanesByType: {
      standard: statOf(standard),
      gateway: statOf(sum(gatewayBuiltin, gatewayDelegated)),
      gatewayBuiltin: statOf(gatewayBuiltin),
      gatewayDelegated: statOf(gatewayDelegated),
    },
    ...(counts.length > 0 && { resources: totals(counts) }),
  };
}

const known = new WeakMap<MeshModel, Resource>();

/** The insight of a mesh: what is in it, counted. */
export function meshInsight(model: MeshModel, types: readonly ResourceType[]): Resource {
  const before = known.get(model);
  if (before !== undefined) {
    return before;
  }
  const { context, tally } = model;
  const mesh = context.resources.get('Mesh')?.get(context.mesh);
  const creationTime = mesh?.creationTime ?? new Date(0).toISOString();
  const changed = Math.max(tally.modified, Date.parse(mesh?.modificationTime ?? creationTime));
  const insight: Resource = {
    type: meshInsightType.name,
    mesh: '',
    name: context.mesh,
    labels: {},
    creationTime,
    modificationTime: new Date(changed).toISOString(),
    version: 1,
    spec: specOf(model, types),
  };
  known.set(model, insight);
  return insight;
}
