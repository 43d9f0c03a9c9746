import type { ResourceType } from '../../model/resource-type.ts';
import { count, listOf, mapOf, nullable, object, ok, text, time } from './fields.ts';
import { nameParameter, pageParameters } from './list-parameters.ts';
import type { JsonSchema, Operation } from './operation.ts';

const tag = 'inspection';

const named = object({ mesh: text, name: text });

/** A page that tells of the next one only where there is one. */
const selected = object({
  items: listOf(object({ type: text, mesh: text, name: text, labels: mapOf(text) })),
  'next?': text,
  total: count,
});

const port = object({ kri: text, port: count, protocol: text, proxyResourceName: text });

const policyMeta = object({
  type: text,
  mesh: text,
  name: text,
  creationTime: time,
  modificationTime: time,
  'labels?': mapOf(text),
  'kri?': text,
});

function page(summary: string): Operation {
  return {
    tag,
    summary,
    query: [...pageParameters, nameParameter],
    answers: ok('A page, by name.', selected),
  };
}

/** The proxies that a policy or a gateway shapes, as `kumactl inspect` asks for them. */
function shaped(path: string, types: readonly ResourceType[]): Operation {
  const gateway = types.some((type) => type.name === 'MeshGateway' && path.includes(`/${type.path}/`));
  const item: JsonSchema = gateway
    ? object({ dataplane: named })
    : object({
        kind: { const: 'SidecarDataplane' },
        dataplane: named,
        attachments: listOf(object({ type: text })),
      });
  return {
    tag,
    summary: 'The Dataplanes that it shapes',
    answers: ok('All of them, by name.', object({ total: count, items: listOf(item) })),
  };
}

const hostnames: Operation = {
  tag,
  summary: 'The host names of a service',
  path: { collection: { enum: ['meshservices', 'meshexternalservices', 'meshmultizoneservices'] } },
  answers: ok(
    'With the zones where they are good; null where there are none, as in Kuma.',
    object({
      items: nullable(listOf(object({ hostname: text, zones: listOf(object({ name: text })) }))),
      total: count,
    }),
  ),
};

const layout: Operation = {
  tag,
  summary: 'Inbounds and outbounds of a proxy',
  answers: ok(
    'With their identifiers.',
    object({ kri: text, labels: mapOf(text), inbounds: listOf(port), outbounds: listOf(port) }),
  ),
};

const policies: Operation = {
  tag,
  summary: 'The policies that shape a proxy',
  answers: ok(
    'By type, the least specific first.',
    object({
      kind: { const: 'SidecarDataplane' },
      total: count,
      items: listOf(object({ type: { const: 'dataplane' }, matchedPolicies: mapOf(listOf(policyMeta)) })),
    }),
  ),
};

/** What is said of the endpoints that inspect; undefined of others. */
export function inspectionOperation(path: string, types: readonly ResourceType[]): Operation | undefined {
  const [, ending] = /\/:name(\/.+)$/.exec(path) ?? [];
  switch (ending) {
    case '/_resources/dataplanes':
      return page('The Dataplanes that it selects');
    case '/_dataplanes':
      return page('The Dataplanes behind it');
    case '/dataplanes':
      return shaped(path, types);
    case '/_hostnames':
      return hostnames;
    case '/_layout':
      return layout;
    case '/policies':
      return policies;
    default:
      return undefined;
  }
}
