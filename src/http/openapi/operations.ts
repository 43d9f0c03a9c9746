import type { ResourceType } from '../../model/resource-type.ts';
import { yamlTypes } from '../apply/documents.ts';
import type { Route } from '../routing.ts';
import type { AnswerDescription, JsonSchema, Operation, QueryParameter } from './operation.ts';
import { listSchema, pageParameters, resourceOperation } from './resource-operations.ts';
import type { Schemas } from './schemas.ts';
import { tenantOperation } from './tenant-operations.ts';
import { tokenOperation } from './token-operations.ts';

const text: JsonSchema = { type: 'string' };
const anyObject: JsonSchema = { type: 'object' };
const anyList = listSchema(anyObject);

function ok(
  description: string,
  schema: JsonSchema = anyObject,
): Readonly<Record<number, AnswerDescription>> {
  return { 200: { description, schema } };
}

function parameter(name: string, description: string, schema: JsonSchema = text): QueryParameter {
  return { name, description, schema };
}

/** What overviews take beside what every list takes. */
const overviewParameters: readonly QueryParameter[] = [
  ...pageParameters,
  parameter('name', 'A part of the name.'),
  parameter('tag', 'Only with this tag, `name:value`; may be repeated.', { type: 'array', items: text }),
  parameter('gateway', '`true`, `false`, `builtin` or `delegated`.'),
  parameter('status', '`online`, `offline` or `partially_degraded`.'),
  parameter('version', 'Only with this version of kuma-dp or Envoy.'),
  parameter('refused', '`true`: only those that have refused a configuration.'),
  parameter('fields', '`summary` gives small rows.'),
  parameter('sort', 'A member of the summary; with `-` in front the other way round.'),
];

const fixed: Readonly<Record<string, Operation>> = {
  'GET /': { tag: 'control plane', summary: 'What this is', answers: ok('Product, version and id.') },
  'GET /config': {
    tag: 'control plane',
    summary: 'The settings in force',
    answers: ok('As Kuma names them.'),
  },
  'GET /who-am-i': { tag: 'control plane', summary: 'Who the caller is', answers: ok('Name and groups.') },
  'GET /policies': { tag: 'control plane', summary: 'Types of policies', answers: ok('In `policies`.') },
  'GET /_resources': { tag: 'control plane', summary: 'Types of resources', answers: ok('In `resources`.') },
  'GET /openapi.json': { tag: 'control plane', summary: 'This document', answers: ok('OpenAPI 3.1.') },
  'GET /docs': {
    tag: 'control plane',
    summary: 'This document, to be read',
    answers: { 200: { description: 'A page.', schema: text, mediaType: 'text/html' } },
  },
  'GET /_kri/:kri': {
    tag: 'resources',
    summary: "Any resource by Kuma's identifier",
    conditional: true,
    answers: { ...ok('The resource.'), 304: { description: 'It is still the one that the caller has.' } },
  },
  'GET /global-insight': { tag: 'insights', summary: 'Counts over all meshes', answers: ok('The counts.') },
  'GET /global-insights': {
    tag: 'insights',
    summary: 'How many resources there are beside the meshes',
    answers: ok('By type.'),
  },
  'POST /_apply': {
    tag: 'pipelines',
    summary: 'Create, change and prune many resources',
    description:
      'All that is wrong with any document is told at once, and nothing is written then. What is written to one mesh is one commit, of at most 80 resources.',
    query: [
      parameter('dryRun', 'Writes nothing and tells what would be done.', { type: 'boolean' }),
      parameter('prune', '`label=value`, may be repeated: deletes what has all of them and no document.', {
        type: 'array',
        items: text,
      }),
    ],
    body: { schema: {}, mediaTypes: ['application/json', ...yamlTypes] },
    answers: ok('What was done to each resource.', {
      type: 'object',
      required: ['dryRun', 'summary', 'revisions', 'changes'],
      properties: {
        dryRun: { type: 'boolean' },
        summary: { type: 'object', additionalProperties: { type: 'integer' } },
        revisions: { type: 'object', additionalProperties: { type: 'integer' } },
        changes: {
          type: 'array',
          items: {
            type: 'object',
            required: ['action', 'type', 'name'],
            properties: {
              action: { enum: ['create', 'update', 'unchanged', 'delete'] },
              type: text,
              mesh: text,
              name: text,
              differences: { type: 'array', items: anyObject },
              warnings: { type: 'array', items: text },
            },
          },
        },
      },
    }),
  },
  'GET /_audit': {
    tag: 'pipelines',
    summary: 'Who changed what and when',
    description: 'For administrators; the newest first.',
    query: [
      ...pageParameters,
      parameter('from', 'Not before this time.'),
      parameter('to', 'Before this time.'),
      ...['user', 'type', 'mesh', 'name', 'action'].map((name) => parameter(name, 'Only with this one.')),
    ],
    answers: ok('A page.', anyList),
  },
  'GET /_events': {
    tag: 'pipelines',
    summary: 'What happens from now on',
    answers: { 200: { description: 'Server-sent events.', schema: text, mediaType: 'text/event-stream' } },
  },
};

const changes: Operation = {
  tag: 'pipelines',
  summary: 'What was changed since a revision',
  description: 'Waits for the next change where there is none yet.',
  query: [
    parameter(
      'since',
      'The revision after which to begin; without it the answer says where the history stands.',
      {
        type: 'integer',
        minimum: 0,
      },
    ),
    parameter('wait', 'Seconds to wait for a change.', { type: 'number', minimum: 0, maximum: 20 }),
    parameter('size', 'Commits of a page.', { type: 'integer', minimum: 1, maximum: 500, default: 100 }),
  ],
  answers: ok('The commits, oldest first.'),
};

/** Endpoints that several types have, by how their paths end; the first that fits counts. */
const endings: readonly (readonly [ending: string, operation: Operation])[] = [
  ['/_changes', changes],
  ['/:name/_overview', { tag: 'insights', summary: 'One with its insight', answers: ok('Both in one.') }],
  ['overviews/:name', { tag: 'insights', summary: 'One with its insight', answers: ok('Both in one.') }],
  ['+insights/:name', { tag: 'insights', summary: 'One with its insight', answers: ok('Both in one.') }],
  [
    '/_overview',
    {
      tag: 'insights',
      summary: 'All with their insights',
      query: overviewParameters,
      conditional: true,
      answers: listAnswers(),
    },
  ],
  [
    '+insights',
    {
      tag: 'insights',
      summary: 'All with their insights',
      query: overviewParameters,
      conditional: true,
      answers: listAnswers(),
    },
  ],
  [
    'overviews',
    {
      tag: 'insights',
      summary: 'All with their insights',
      query: overviewParameters,
      conditional: true,
      answers: listAnswers(),
    },
  ],
  [
    '/_resources/dataplanes',
    {
      tag: 'inspection',
      summary: 'The Dataplanes that it selects',
      query: [...pageParameters, parameter('name', 'A part of the name.')],
      answers: ok('A page.', anyList),
    },
  ],
  [
    '/:name/_dataplanes',
    {
      tag: 'inspection',
      summary: 'The Dataplanes behind it',
      query: pageParameters,
      answers: ok('A page.', anyList),
    },
  ],
  [
    '/:name/dataplanes',
    { tag: 'inspection', summary: 'The Dataplanes that it shapes', answers: ok('All of them.') },
  ],
  [
    '/:name/_hostnames',
    { tag: 'inspection', summary: 'The host names of a service', answers: ok('By zone.') },
  ],
  [
    '/:name/_layout',
    {
      tag: 'inspection',
      summary: 'Inbounds and outbounds of a proxy',
      answers: ok('With their identifiers.'),
    },
  ],
  [
    '/:name/policies',
    { tag: 'inspection', summary: 'The policies that shape a proxy', answers: ok('By type.') },
  ],
];

function listAnswers(): Operation['answers'] {
  return { ...ok('A page.', anyList), 304: { description: 'It is still the one that the caller has.' } };
}

/** What is said of an endpoint; undefined where nothing is. */
export function operationOf(
  route: Pick<Route, 'method' | 'path'>,
  types: readonly ResourceType[],
  schemas: Schemas,
): Operation | undefined {
  const { method, path } = route;
  return (
    fixed[`${method} ${path}`] ??
    tokenOperation(route) ??
    tenantOperation(route, schemas) ??
    (method === 'GET' ? endings.find(([ending]) => path.endsWith(ending))?.[1] : undefined) ??
    resourceOperation(route, types, schemas)
  );
}
