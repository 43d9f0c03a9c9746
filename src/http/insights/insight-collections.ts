import type { MeshCache } from '../../context/mesh-cache.ts';
import { meshInsight } from '../../insights/mesh-insight.ts';
import type { ReadModels } from '../../insights/read-models.ts';
import type { ProxyRow } from '../../insights/rows.ts';
import { serviceInsight, serviceInsights } from '../../insights/service-insights.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { TenantId } from '../../model/tenant.ts';
import { type ServiceInsightSpec, serviceTypes } from '../../model/types/insights/service-insight.ts';
import { type Collection, meshNames } from '../collections.ts';
import type { ListKind } from '../list-routes.ts';
import { resourceList } from '../list-routes.ts';
import { insightResource } from './insight-json.ts';

export interface InsightCollectionsDeps {
  readonly models: ReadModels;
  readonly meshCache: MeshCache;
  /** What is counted in the insights of meshes. */
  readonly types: readonly ResourceType[];
}

/** Where rows of proxies are, in the order of the names. */
type RowSource = (tenant: TenantId, mesh: string) => Promise<readonly ProxyRow[] | undefined>;

function proxyInsights(type: ResourceType, rows: RowSource): Collection {
  const resources = (found: readonly ProxyRow[] | undefined) =>
    found?.flatMap((row) => insightResource(type.name, row) ?? []);
  return {
    type,
    isComputed: true,
    async find(tenant, mesh, name) {
      return resources((await rows(tenant, mesh))?.filter(({ resource }) => resource.name === name))?.[0];
    },
    list: async (tenant, mesh) => resources(await rows(tenant, mesh)),
  };
}

function serviceInsightCollection(type: ResourceType, models: ReadModels): Collection {
  return {
    type,
    isComputed: true,
    async find(tenant, mesh, name) {
      const model = await models.mesh(tenant, mesh);
      return model && serviceInsight(model, name);
    },
    async list(tenant, mesh) {
      const model = await models.mesh(tenant, mesh);
      return model && [...serviceInsights(model).values()];
    },
  };
}

/** An insight of which only the name is known yet. */
function namedInsight(type: ResourceType, name: string): Resource {
  const creationTime = '';
  return {
    type: type.name,
    mesh: '',
    name,
    labels: {},
    creationTime,
    modificationTime: '',
    version: 0,
    spec: {},
  };
}

function meshInsightCollection(type: ResourceType, deps: InsightCollectionsDeps): Collection {
  return {
    type,
    isComputed: true,
    async find(tenant, _, name) {
      const model = await deps.models.mesh(tenant, name);
      return model && meshInsight(model, deps.types);
    },
    list: async (tenant) => (await meshNames(deps.meshCache, tenant)).map((name) => namedInsight(type, name)),
  };
}

/** The collection of a type of insights; undefined for types of other things. */
export function insightCollection(type: ResourceType, deps: InsightCollectionsDeps): Collection | undefined {
  const { models } = deps;
  switch (type.name) {
    case 'DataplaneInsight':
      return proxyInsights(type, async (tenant, mesh) => (await models.mesh(tenant, mesh))?.rows);
    case 'ZoneIngressInsight':
      return proxyInsights(type, async (tenant) => (await models.zones(tenant)).ZoneIngress);
    case 'ZoneEgressInsight':
      return proxyInsights(type, async (tenant) => (await models.zones(tenant)).ZoneEgress);
    case 'ZoneInsight':
      return { type, isComputed: true, find: async () => undefined, list: async () => [] };
    case 'ServiceInsight':
      return serviceInsightCollection(type, models);
    case 'MeshInsight':
      return meshInsightCollection(type, deps);
    default:
      return undefined;
  }
}

/**
 * `type=<type>,<type>`: services of these types.
 *
 * @throws KumulusError `bad_request` for a type that there is not.
 */
function serviceTypeFilter(query: URLSearchParams) {
  const types = query.get('type') ?? '';
  if (types === '') {
    return undefined;
  }
  const wanted = types.split(',').map((type) => type.trim().toLowerCase());
  const known: readonly string[] = serviceTypes;
  if (!wanted.every((type) => known.includes(type))) {
    throw new KumulusError('bad_request', 'bad request: unsupported service type');
  }
  return ({ spec }: Resource) => wanted.includes((spec as ServiceInsightSpec).serviceType ?? 'internal');
}

/** Lists of insights, with what only their queries can ask for. */
export function insightList(collection: Collection): ListKind<Resource> {
  switch (collection.type.name) {
    case 'ServiceInsight':
      return {
        ...resourceList(collection, (query) => ({ filter: serviceTypeFilter(query) })),
        isOlder: true,
      };
    case 'MeshInsight':
      return resourceList(collection, () => ({
        // A mesh is counted when it is on the page. One that was deleted meanwhile is left out.
        complete: async (tenant, items) =>
          (await Promise.all(items.map(({ name }) => collection.find(tenant, '', name)))).flatMap(
            (insight) => insight ?? [],
          ),
      }));
    default:
      return resourceList(collection);
  }
}
