import type { ResourceType } from '../../model/resource-type.ts';
import { serviceTypes } from '../../model/types/insights/service-insight.ts';
import type { Route } from '../routing.ts';
import { exampleOf } from './examples.ts';
import { anyObject, anyOf, choice, listOf, object, ok, pageOf, parameter, text } from './fields.ts';
import { dataplaneParameters, listParameters } from './list-parameters.ts';
import type { AnswerDescription, Operation, QueryParameter } from './operation.ts';
import { kubernetesSchema, nameSchema, resourceSchema } from './resource-schema.ts';
import type { Schemas } from './schemas.ts';

const warned: AnswerDescription = {
  description: 'It was written, or was the same before.',
  schema: object({ 'warnings?': { ...listOf(text), description: 'Settings that go away.' } }),
  tagged: true,
  revised: true,
};

/** What is said of the endpoints that every type of resources has; undefined for others. */
export function resourceOperation(
  { method, path }: Pick<Route, 'method' | 'path'>,
  types: readonly ResourceType[],
  schemas: Schemas,
): Operation | undefined {
  for (const type of types) {
    const base = type.scope === 'Mesh' ? `/meshes/:mesh/${type.path}` : `/${type.path}`;
    if (method === 'GET' && (path === base || path === `/${type.path}`)) {
      return listOperation(type, path !== base, schemas);
    }
    if (path === `${base}/:name`) {
      return oneOperation(method, type, schemas);
    }
  }
  return undefined;
}

function queryOf(type: ResourceType): readonly QueryParameter[] {
  switch (type.name) {
    case 'Dataplane':
      return [...listParameters, ...dataplaneParameters];
    case 'ServiceInsight':
      return [
        ...listParameters,
        parameter('type', 'Only services of this type; of several, with commas between.', {
          type: 'string',
          pattern: `^((${serviceTypes.join('|')})(,(${serviceTypes.join('|')}))*)?$`,
        }),
      ];
    default:
      return listParameters;
  }
}

function listOperation(type: ResourceType, ofAll: boolean, schemas: Schemas): Operation {
  return {
    tag: type.readOnly ? 'insights' : 'resources',
    summary: `${type.pluralDisplayName}${ofAll ? ' of all meshes' : ''}`,
    query: queryOf(type),
    answers: ok('A page, by name.', pageOf(resourceSchema(type, schemas))),
  };
}

function oneOperation(method: Route['method'], type: ResourceType, schemas: Schemas): Operation | undefined {
  const name = type.singularDisplayName;
  const tag = type.readOnly ? 'insights' : 'resources';
  const resource = resourceSchema(type, schemas);
  switch (method) {
    case 'GET':
      return {
        tag,
        summary: `One ${name}`,
        query: [
          parameter('format', 'How it is to be written.', choice('universal', 'k8s', 'kubernetes')),
          parameter('namespace', 'Of the object in the form of Kubernetes; kuma-system unless told.'),
        ],
        answers: ok('It is there.', anyOf(resource, kubernetesSchema(schemas))),
      };
    case 'PUT':
      return {
        tag,
        summary: `Create or replace one ${name}`,
        path: { name: nameSchema(type) },
        body: { schema: resource, example: exampleOf(type) },
        conditional: true,
        answers: { 200: warned, 201: { ...warned, description: 'It was made.' } },
      };
    case 'DELETE':
      return {
        tag,
        summary: `Delete one ${name}`,
        conditional: true,
        answers: {
          200: { description: 'It is gone.', schema: { ...anyObject, maxProperties: 0 }, revised: true },
        },
      };
    default:
      return undefined;
  }
}
