import type { ResourceType } from '../../model/resource-type.ts';
import { auditActions } from '../../store/audit/audit-record.ts';
import { maxDifferences } from '../apply/difference.ts';
import { maxDocuments, yamlTypes } from '../apply/documents.ts';
import { maxWaitedFor } from '../propagation/propagation-answer.ts';
import { errorSchema } from './common-answers.ts';
import {
  anyObject,
  anyOf,
  choice,
  count,
  described,
  flag,
  listOf,
  mapOf,
  nextPage,
  nullable,
  object,
  ok,
  orEmpty,
  parameter,
  text,
  time,
} from './fields.ts';
import type { JsonSchema, Operation } from './operation.ts';
import { resourceSchema } from './resource-schema.ts';
import type { Schemas } from './schemas.ts';

const tag = 'pipelines';

const revisionSchema: JsonSchema = { type: 'integer', minimum: 0, maximum: 10 ** 12 - 1 };
const waitSchema: JsonSchema = { type: 'number', minimum: 0, maximum: 20, default: 0 };

/** Any resource of these types. */
export function anyResource(types: readonly ResourceType[], schemas: Schemas): JsonSchema {
  return anyOf(...types.map((type) => resourceSchema(type, schemas)));
}

function applyOperation(types: readonly ResourceType[], schemas: Schemas): Operation {
  const writable = types.filter(({ readOnly }) => !readOnly).map(({ name }) => name);
  const resource = schemas.named('AppliedResource', {
    ...object({ type: { enum: writable }, 'mesh?': text, name: text }),
    description: 'As PUT of its type takes it; where a mesh is needed and none is named, it is `default`.',
  });
  const resources = { ...listOf(resource), maxItems: maxDocuments };
  const action = object({
    action: { enum: ['create', 'update', 'unchanged', 'delete'] },
    type: text,
    'mesh?': text,
    name: text,
    'differences?': {
      ...listOf(
        object({
          path: described('A JSON Pointer (RFC 6901).', text),
          'before?': {},
          'after?': {},
        }),
      ),
      maxItems: maxDifferences,
    },
    'warnings?': listOf(text),
  });
  return {
    tag,
    summary: 'Create, change and prune many resources',
    description:
      'All that is wrong with any document is told at once, and nothing is written then. What is written to one mesh is one commit, of at most 80 resources.',
    query: [
      parameter('dryRun', 'Writes nothing and tells what would be done.', flag),
      parameter(
        'prune',
        '`label=value`, may be repeated: deletes what has all of them and no document.',
        listOf({ type: 'string', pattern: '^[^=]+=.+$' }),
      ),
    ],
    body: {
      schema: anyOf(resource, resources, object({ items: resources })),
      // A stream of documents; JSON Schema knows only one. The empty one is none.
      other: Object.fromEntries(yamlTypes.map((type) => [type, nullable(resource)])),
    },
    answers: ok(
      'What was done to each resource.',
      object({
        dryRun: flag,
        summary: object({ create: count, update: count, unchanged: count, delete: count }),
        revisions: described(
          'The revision that each changed mesh has reached; the empty name is what is beside the meshes.',
          mapOf(count),
        ),
        changes: listOf(action),
      }),
    ),
  };
}

const resourceOrNothing: JsonSchema = described(
  'As reading it answers, without what is secret, or how large it was.',
  anyObject,
);

const auditOperation: Operation = {
  tag,
  summary: 'Who changed what and when',
  description: 'For administrators; the newest first.',
  query: [
    parameter(
      'size',
      'Records of a page.',
      orEmpty({ type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
    ),
    parameter('offset', 'Where the page begins; as it stands in the address of a next page.', shortText()),
    parameter('from', 'Not before this time.', auditTime()),
    parameter('to', 'Before this time.', auditTime()),
    ...['user', 'type', 'mesh', 'name'].map((name) => parameter(name, 'Only with this one.', shortText())),
    parameter('action', 'Only of this kind.', choice(...auditActions)),
  ],
  answers: ok(
    'A page.',
    object({
      items: listOf(
        object({
          id: text,
          time,
          action: { enum: auditActions },
          type: text,
          'mesh?': text,
          name: text,
          'revision?': count,
          'meshRevision?': count,
          'version?': count,
          'details?': anyObject,
          author: object({
            user: text,
            groups: listOf(text),
            'address?': text,
            'requestId?': text,
            source: { enum: ['api', 'relay', 'job', 'system'] },
          }),
          'before?': resourceOrNothing,
          'after?': resourceOrNothing,
        }),
      ),
      next: nextPage,
    }),
  ),
};

function shortText(): JsonSchema {
  return { type: 'string', maxLength: 1000 };
}

function auditTime(): JsonSchema {
  return orEmpty(anyOf(time, { type: 'string', format: 'date' }));
}

const eventsOperation: Operation = {
  tag,
  summary: 'What happens from now on',
  answers: { 200: { description: 'Server-sent events.', schema: text, mediaType: 'text/event-stream' } },
};

function changesOperation(types: readonly ResourceType[], schemas: Schemas): Operation {
  const change = object({
    action: { enum: ['put', 'delete'] },
    type: text,
    'mesh?': text,
    name: text,
    'resource?': schemas.named('Resource', anyResource(types, schemas)),
  });
  const revision = described('What to give as `since` next.', count);
  const gone: JsonSchema = {
    ...errorSchema,
    properties: { ...Object(errorSchema.properties), revision },
  };
  return {
    tag,
    summary: 'What was changed since a revision',
    description: 'Waits for the next change where there is none yet.',
    query: [
      parameter(
        'since',
        'The revision after which to begin; without it the answer says where the history stands.',
        orEmpty(revisionSchema),
      ),
      parameter(
        'wait',
        'Seconds to wait for a change, with three decimals at the most.',
        orEmpty(waitSchema),
      ),
      parameter(
        'size',
        'Commits of a page.',
        orEmpty({ type: 'integer', minimum: 1, maximum: 500, default: 100 }),
      ),
    ],
    answers: {
      ...ok(
        'The commits, oldest first.',
        object({
          revision,
          items: listOf(object({ revision: count, time, changes: listOf(change) })),
          next: nextPage,
        }),
      ),
      410: { description: 'The log does not go back so far.', schema: gone },
    },
  };
}

const propagationOperation: Operation = {
  tag,
  summary: 'How far a revision has got',
  description:
    'With `wait` the answer comes when every connected proxy has the revision, when one cannot have it, or when the time is over.',
  query: [
    parameter('revision', 'Which one; the newest unless told.', orEmpty(revisionSchema)),
    parameter('wait', 'Seconds to wait, with three decimals at the most.', orEmpty(waitSchema)),
  ],
  answers: ok(
    'Who has it, and who has not.',
    object({
      mesh: text,
      revision: count,
      head: described("The mesh's newest revision.", count),
      complete: described('Every connected proxy has it.', flag),
      proxies: object({
        connected: count,
        have: count,
        waiting: described('Were not told yet, or have not answered.', count),
        failed: described('Their Envoy refused it, or they could not be configured.', count),
        offline: described('Dataplanes without a stream; they are not waited for.', count),
      }),
      waitingFor: {
        ...listOf(
          object({
            name: text,
            has: described('The newest revision of which it has everything.', count),
            given: described('The newest revision that was made for it.', count),
            since: time,
            reason: { enum: ['not_given', 'not_acknowledged', 'refused', 'not_configured'] },
            'typeUrl?': described('What it refused.', text),
            'message?': described("Envoy's words, shortened.", text),
          }),
        ),
        maxItems: maxWaitedFor,
      },
      unnamed: described('How many more there are.', count),
    }),
  ),
};

/** What is said of the endpoints for pipelines; undefined of others. */
export function pipelineOperation(
  method: string,
  path: string,
  types: readonly ResourceType[],
  schemas: Schemas,
): Operation | undefined {
  if (method === 'GET' && path.endsWith('/_changes')) {
    return changesOperation(types, schemas);
  }
  switch (`${method} ${path}`) {
    case 'POST /_apply':
      return applyOperation(types, schemas);
    case 'GET /meshes/:mesh/_propagation':
      return propagationOperation;
    case 'GET /_audit':
      return auditOperation;
    case 'GET /_events':
      return eventsOperation;
    default:
      return undefined;
  }
}
