import type { MeshCache } from '../../context/mesh-cache.ts';
import { globalInsight } from '../../insights/global-insight.ts';
import type { ReadModels } from '../../insights/read-models.ts';
import type { Clock } from '../../model/ports.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { meshInsightType } from '../../model/types/insights/mesh-insight.ts';
import { answer } from '../answer.ts';
import { meshNames } from '../collections.ts';
import { titled } from '../errors.ts';
import type { Route } from '../routing.ts';

export interface GlobalInsightDeps {
  readonly models: ReadModels;
  readonly meshCache: MeshCache;
  readonly types: readonly ResourceType[];
  readonly clock: Clock;
}

/** `GET /global-insight`: what is in all meshes that the user may see, counted. */
function globalInsightRoute({ models, meshCache, types, clock }: GlobalInsightDeps): Route {
  return {
    method: 'GET',
    path: '/global-insight',
    async handle(context) {
      const tenant = context.get('tenant');
      const access = context.get('access');
      access.read(meshInsightType, '');
      const readable = access.readable(meshInsightType, '');
      return titled('Could not retrieve GlobalInsight', async () => {
        const names = await meshNames(meshCache, tenant);
        const [zones, ...found] = await Promise.all([
          models.zones(tenant),
          ...names
            .filter((name) => readable === 'all' || readable.has(name))
            .map((name) => models.mesh(tenant, name)),
        ]);
        const meshes = found.flatMap((model) => model ?? []);
        return answer(context, globalInsight(meshes, zones, types, clock()));
      });
    },
  };
}

/** `GET /global-insights`: how many there are of each type that belongs to no mesh. */
function globalInsightsRoute({ meshCache, types, clock }: GlobalInsightDeps): Route {
  const counted = types.filter(
    ({ name, scope, unlisted }) => scope === 'Global' && unlisted !== true && !name.endsWith('Insight'),
  );
  return {
    method: 'GET',
    path: '/global-insights',
    async handle(context) {
      const access = context.get('access');
      const { resources } = await titled('Could not retrieve global insights', () =>
        meshCache.read(context.get('tenant'), ''),
      );
      const totals = counted.map((type) => {
        const readable = access.readable(type, '');
        const there = resources.get(type.name);
        const total =
          readable === 'all'
            ? (there?.size ?? 0)
            : [...readable].filter((name) => there?.has(name) === true).length;
        return [type.name, { total }] as const;
      });
      return answer(context, {
        type: 'GlobalInsights',
        creationTime: new Date(clock()).toISOString(),
        resources: Object.fromEntries(totals),
      });
    },
  };
}

/** The counts over everything that a tenant has. */
export function globalInsightRoutes(deps: GlobalInsightDeps): readonly Route[] {
  return [globalInsightRoute(deps), globalInsightsRoute(deps)];
}
