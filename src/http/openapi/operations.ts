import type { ResourceType } from '../../model/resource-type.ts';
import type { Route } from '../routing.ts';
import { controlPlaneOperations } from './control-plane-operations.ts';
import { ok } from './fields.ts';
import { insightOperation } from './insight-operations.ts';
import { inspectionOperation } from './inspection-operations.ts';
import type { JsonSchema, Operation } from './operation.ts';
import { anyResource, pipelineOperation } from './pipeline-operations.ts';
import { resourceOperation } from './resource-operations.ts';
import type { Schemas } from './schemas.ts';
import { tenantOperation } from './tenant-operations.ts';
import { tokenOperation } from './token-operations.ts';

/** What is said of an endpoint; undefined where nothing is. */
export function operationOf(
  route: Pick<Route, 'method' | 'path'>,
  types: readonly ResourceType[],
  schemas: Schemas,
): Operation | undefined {
  const { method, path } = route;
  return (
    controlPlaneOperations[`${method} ${path}`] ??
    tokenOperation(route, schemas) ??
    tenantOperation(route, schemas) ??
    pipelineOperation(method, path, types, schemas) ??
    (method === 'GET' ? readOperation(path, types, schemas) : undefined) ??
    resourceOperation(route, types, schemas)
  );
}

function readOperation(
  path: string,
  types: readonly ResourceType[],
  schemas: Schemas,
): Operation | undefined {
  if (path === '/_kri/:kri') {
    return {
      tag: 'resources',
      summary: "Any resource by Kuma's identifier",
      path: { kri: kriSchema(types) },
      answers: ok('The resource.', schemas.named('Resource', anyResource(types, schemas))),
    };
  }
  return insightOperation(path, types, schemas) ?? inspectionOperation(path, types);
}

/** Short name, mesh, zone, namespace, name and section. */
function kriSchema(types: readonly ResourceType[]): JsonSchema {
  const shortNames = types.flatMap(({ shortName }) => (shortName === '' ? [] : [shortName]));
  return { type: 'string', pattern: `^kri_(${shortNames.join('|')})_[^_]*_[^_]*_[^_]*_[^_]*_` };
}
