import { proxyStatuses } from '../../insights/proxy-status.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { type OverviewKind, overviewKinds } from '../overviews/overview-kinds.ts';
import { anyOf, count, listOf, mapOf, object, ok, pageOf, text, time } from './fields.ts';
import { dataplaneParameters, listParameters, overviewParameters } from './list-parameters.ts';
import type { JsonSchema, Operation } from './operation.ts';
import { specSchema } from './resource-schema.ts';
import type { Schemas } from './schemas.ts';

const tag = 'insights';

const total = object({ total: count });
const online = object({ online: count, total: count });
const statuses = object({ online: count, offline: count, partiallyDegraded: count, total: count });

const fixed: Readonly<Record<string, Operation>> = {
  '/global-insight': {
    tag,
    summary: 'Counts over all meshes',
    answers: ok(
      'The counts.',
      object({
        createdAt: time,
        dataplanes: object({ standard: statuses, gatewayBuiltin: statuses, gatewayDelegated: statuses }),
        meshes: total,
        policies: total,
        resources: mapOf(total),
        services: object({
          internal: statuses,
          gatewayBuiltin: statuses,
          gatewayDelegated: statuses,
          external: total,
        }),
        zones: object({ controlPlanes: online, zoneIngresses: online, zoneEgresses: online }),
      }),
    ),
  },
  '/global-insights': {
    tag,
    summary: 'How many resources there are beside the meshes',
    answers: ok(
      'By type.',
      object({ type: { const: 'GlobalInsights' }, creationTime: time, resources: mapOf(total) }),
    ),
  },
};

/** What is said of insights that are no resources, and of overviews; undefined of others. */
export function insightOperation(
  path: string,
  types: readonly ResourceType[],
  schemas: Schemas,
): Operation | undefined {
  const known = fixed[path];
  if (known !== undefined) {
    return known;
  }
  for (const kind of overviewKinds) {
    const type = types.find(({ name }) => name === kind.type);
    if (type !== undefined) {
      const operation = overviewOperation(path, kind, type, types, schemas);
      if (operation !== undefined) {
        return operation;
      }
    }
  }
  return undefined;
}

function overviewOperation(
  path: string,
  kind: OverviewKind,
  type: ResourceType,
  types: readonly ResourceType[],
  schemas: Schemas,
): Operation | undefined {
  const within = path.replace(/^\/meshes\/:mesh/, '');
  const overview = () => overviewSchema(kind, type, types, schemas);
  switch (within) {
    case `/${type.path}/_overview`:
    case `/${kind.olderPath}`:
      return {
        tag,
        summary: `${type.pluralDisplayName} with their insights`,
        query: [
          ...listParameters,
          ...(type.name === 'Dataplane' ? dataplaneParameters : []),
          ...overviewParameters,
        ],
        answers: ok('A page, by name unless told.', pageOf(anyOf(overview(), summarySchema(type, schemas)))),
      };
    case `/${type.path}/:name/_overview`:
    case `/${kind.olderPath}/:name`:
      return {
        tag,
        summary: `One ${type.singularDisplayName} with its insight`,
        answers: ok('Both in one.', overview()),
      };
    default:
      return undefined;
  }
}

function overviewSchema(
  kind: OverviewKind,
  type: ResourceType,
  types: readonly ResourceType[],
  schemas: Schemas,
): JsonSchema {
  return schemas.named(`${type.name}Overview`, () => {
    const insight = types.find(({ name }) => name === `${type.name}Insight`);
    return object({
      type: { const: `${type.name}Overview` },
      ...(type.scope === 'Mesh' && { mesh: text }),
      name: text,
      creationTime: time,
      modificationTime: time,
      'labels?': mapOf(text),
      [kind.member]: specSchema(type, schemas),
      ...(insight !== undefined && { [`${kind.insightMember}?`]: specSchema(insight, schemas) }),
    });
  });
}

function summarySchema(type: ResourceType, schemas: Schemas): JsonSchema {
  return schemas.named(`${type.name}OverviewSummary`, () =>
    object({
      type: { const: `${type.name}Overview` },
      ...(type.scope === 'Mesh' && { mesh: text }),
      name: text,
      status: { enum: proxyStatuses },
      'services?': listOf(text),
      'gateway?': { enum: ['BUILTIN', 'DELEGATED'] },
      'kumaDp?': text,
      'envoy?': text,
      'lastSeen?': time,
      'refused?': listOf(text),
    }),
  );
}
