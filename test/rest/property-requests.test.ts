import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resourceTypes } from '../../src/policies/registry.ts';
import { type AnswerCheck, createAnswerCheck } from '../support/answer-check.ts';
import {
  type ApiAnswer,
  type ApiFixture,
  type ApiRequest,
  createApiFixture,
} from '../support/api-fixture.ts';
import { documentSource } from '../support/fuzz/documents.ts';
import { tried } from '../support/fuzz/settings.ts';

let api: ApiFixture;
let check: AnswerCheck;

beforeAll(async () => {
  api = await createApiFixture(['default']);
  const source = await documentSource(api);
  check = createAnswerCheck(source.document);
  for (const type of resourceTypes.filter(({ readOnly }) => !readOnly)) {
    const collection = type.scope === 'Mesh' ? `/meshes/default/${type.path}` : `/${type.path}`;
    const body = source.exampleOf(type);
    expect((await api.request('PUT', `${collection}/example`, { body })).status).toBe(201);
  }
});

afterAll(() => api.close());

async function ask(method: string, path: string, request: ApiRequest): Promise<ApiAnswer> {
  const answer = await api.request(method, path, request);
  const sent = `${method} ${path} ${JSON.stringify(request)} → ${answer.status} ${answer.text.slice(0, 500)}`;
  expect(answer.status, sent).toBeLessThan(500);
  // A HEAD is answered as a GET without its body; the document knows GET.
  expect(method === 'HEAD' ? [] : check(method, path, answer), sent).toEqual([]);
  return answer;
}

/** Paths that there are, the stream of events apart, with names of which some are there. */
const paths = fc.constantFrom(0).chain(() =>
  fc.constantFrom(...api.routes.filter(({ path }) => path !== '/_events')).chain(({ method, path }) =>
    fc
      .record({
        mesh: fc.constantFrom('default', 'default', 'absent'),
        name: fc.constantFrom('example', 'example', 'default', 'web', 'absent'),
        kri: fc.constantFrom('kri_dp_default_default__example_', 'kri_m___default_default_', 'kri_x', ''),
        collection: fc.constantFrom('meshservices', 'meshexternalservices', 'meshes', '__proto__'),
      })
      .map((names) => ({
        method,
        path: path.replace(/:(\w+)/g, (_, name: string) => Object(names)[name] ?? 'x'),
      })),
  ),
);

const anyText = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1000',
    '1001',
    '1e3',
    'NaN',
    '9'.repeat(20),
    '9'.repeat(400),
    'true',
    'false',
  ),
  fc.constantFrom(
    'default',
    'example',
    'web',
    '__proto__',
    'constructor',
    '*',
    ':',
    'a:',
    ':b',
    'kuma.io/service:*',
  ),
  fc.constantFrom(
    'online',
    'summary',
    '-lastSeen',
    'builtin',
    'internal,external',
    'k8s',
    'kubernetes',
    'CREATE',
  ),
  fc.constantFrom(
    '2026-01-01',
    '2026-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '0000-00-00',
    '+275760-09-13',
  ),
  fc.constantFrom('a'.repeat(5_000), 'a=b', '=', '%00', '\u0000', '\ud800', 'é', '..', '../..'),
);

const parameterNames = fc.oneof(
  fc.constantFrom(
    'size',
    'offset',
    'name',
    'tag',
    'gateway',
    'status',
    'version',
    'refused',
    'fields',
    'sort',
  ),
  fc.constantFrom(
    'type',
    'format',
    'namespace',
    'since',
    'from',
    'to',
    'user',
    'mesh',
    'action',
    'dryRun',
    'prune',
  ),
  fc.constantFrom(
    'filter[labels.team]',
    'filter[labels.',
    'filter[',
    'filter[name]',
    'filter[labels.a][b]',
    '__proto__',
  ),
  fc.string({ maxLength: 6 }),
);

const escaped = (text: string) => encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));

/** Queries, as they should be escaped and as they should not. */
const queries = fc
  .array(
    fc.oneof(
      {
        arbitrary: fc.constantFrom('wait=0', 'wait=0.02', 'wait=-1', 'wait=21', 'wait=1e1', 'wait='),
        weight: 1,
      },
      {
        weight: 8,
        arbitrary: fc
          .tuple(parameterNames, anyText, fc.boolean())
          .map(([name, value, raw]) =>
            raw
              ? `${name}=${value}`.replace(/[\s#\p{Cc}\p{Cs}]/gu, '%')
              : `${escaped(name)}=${escaped(value)}`,
          ),
      },
    ),
    { maxLength: 4 },
  )
  .map((parameters) => parameters.join('&'));

/** What a client may put into a header: visible characters of Latin-1, with blanks inside. */
const headerText = fc.oneof(
  fc.string({ maxLength: 40 }),
  anyText,
  fc.constantFrom('"', '""', '"a"', 'W/"a"', '*', '"a","b"', ', ,', '"a" "b"', `"${'a'.repeat(9_000)}"`),
  fc.constantFrom(
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Bearer a.b.c',
    'Basic eDp5',
    `Bearer ${'.'.repeat(5_000)}`,
  ),
  fc.constantFrom(
    'application/json',
    'application/json;',
    'application/yaml',
    'text/html',
    '*/*',
    'a/b;q=0',
    ';;,,',
  ),
);

const headers = fc.dictionary(
  fc.constantFrom(
    'if-match',
    'if-none-match',
    'idempotency-key',
    'authorization',
    'content-type',
    'accept',
    'x-request-id',
    'content-length',
    'range',
    'cookie',
    'x-forwarded-for',
    'x-forwarded-host',
    'host',
  ),
  headerText.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim()),
  { maxKeys: 4 },
);

it('answers any query', async () => {
  await fc.assert(
    fc.asyncProperty(paths, queries, async ({ path }, query) => {
      await ask('GET', `${path}?${query}`, {});
    }),
    tried(800),
  );
}, 300_000);

it('answers any headers', async () => {
  const methods = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE');
  await fc.assert(
    fc.asyncProperty(methods, paths, headers, async (method, { path }, { host, ...sent }) => {
      const body = method === 'PUT' || method === 'POST' ? { raw: '{}' } : {};
      const elsewhere = { headers: sent, peer: '192.0.2.7', ...body };
      // Under a host name the fixture serves whom it names.
      await ask(method, path, host === undefined ? elsewhere : { ...elsewhere, host });
    }),
    tried(800),
  );
}, 300_000);

it('answers any path', async () => {
  const parts = fc.oneof(
    fc.constantFrom(
      'meshes',
      'default',
      'dataplanes',
      'example',
      '_overview',
      '_kri',
      'tokens',
      'user',
      'secrets',
    ),
    fc.constantFrom(
      '%00',
      '%ff',
      '%',
      '%zz',
      '%2e%2e',
      '..',
      '.',
      '%2F',
      '%5c',
      '%0a',
      '%u0041',
      '%c0%af',
      '',
    ),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'a'.repeat(4_000),
      '*',
      ':name',
      '{name}',
      'é',
      '%25252e',
      ';',
      '@',
      '&',
    ),
    anyText.map(escaped),
  );
  const methods = fc.constantFrom('GET', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'PUT', 'POST', 'QUERY');
  await fc.assert(
    fc.asyncProperty(methods, fc.array(parts, { maxLength: 7 }), async (method, all) => {
      const path = `/${all.join('/')}`;
      if (!path.startsWith('//') && path !== '/meshes/default') {
        const body = method === 'PUT' || method === 'POST' ? { raw: '{}' } : {};
        const answer = await api.request(method, path, body);
        expect(answer.status, `${method} ${path} → ${answer.text}`).toBeLessThan(500);
      }
    }),
    tried(1_500),
  );
}, 300_000);

it('leaves nothing in the log of errors', () => {
  expect(api.log.filter(({ level }) => level === 'error')).toEqual([]);
});
