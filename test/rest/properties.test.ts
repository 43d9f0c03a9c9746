import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleOf } from '../../src/http/openapi/examples.ts';
import { resourceTypes } from '../../src/policies/registry.ts';
import { type ApiAnswer, type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

/** Documents tried of each type; the figures of the documents are for more. */
const runs = Number(process.env.PROPERTY_RUNS ?? 40);

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['acme']);
});
afterAll(() => api?.close());

/** What nobody should find in a place of a document, and what somebody puts there all the same. */
const oddValue = fc.oneof(
  fc.constantFrom(
    null,
    true,
    -1,
    0,
    2 ** 53,
    1e308,
    '',
    '*',
    '\u0000',
    '\ud800',
    '💥',
    'x'.repeat(300),
    [],
    {},
  ),
  fc.constantFrom(
    '1s',
    '-1s',
    '99999h',
    '10.0.0.1',
    '::1',
    'a.b',
    'kuma.io/service',
    'Mesh',
    'MeshService',
    '50%',
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constant(JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}')),
  fc.constant(JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`)),
);

/** One change of a document: something at one of its places is replaced, removed, doubled or added to. */
const mutation = fc.record({
  place: fc.nat(200),
  kind: fc.constantFrom('replace', 'remove', 'double', 'add'),
  name: fc.constantFrom('extra', '__proto__', 'constructor', 'name', 'targetRef', 'kind'),
  value: oddValue,
});

type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

/** All places of a document, as the objects and lists that hold them and the names there. */
function placesOf(value: unknown): readonly (readonly [holder: object, name: string])[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.keys(value).flatMap((name) => [
    [value, name] as const,
    ...placesOf(Reflect.get(value, name)),
  ]);
}

function mutate(document: object, { place, kind, name, value: shared }: Mutation): void {
  // What is put into a document may be changed by its next mutation.
  const value: unknown = JSON.parse(JSON.stringify(shared));
  const places = placesOf(document);
  const [holder, member] = places[place % Math.max(1, places.length)] ?? [document, 'type'];
  const own = (key: string, content: unknown) =>
    Object.defineProperty(holder, key, {
      value: content,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  switch (kind) {
    case 'replace':
      own(member, value);
      break;
    case 'remove':
      Reflect.deleteProperty(holder, member);
      break;
    case 'double':
      if (Array.isArray(holder)) {
        holder.push(structuredClone(holder[0]));
      }
      break;
    default:
      own(name, value);
  }
}

function requireKnownAnswer(answer: ApiAnswer): void {
  expect(answer.status, answer.text).toBeLessThan(500);
  if (answer.status >= 400) {
    expect(answer.body, answer.text).toMatchObject({ type: '/std-errors', status: answer.status });
  }
}

const writable = resourceTypes.filter(({ readOnly }) => !readOnly);

describe('documents with mistakes in them', () => {
  it.each(writable.map((type) => [type.name, type] as const))('%s', async (_name, type) => {
    const example = exampleOf(type);
    expect(example).toBeDefined();
    const name = type.name === 'Mesh' ? 'odd' : 'example';
    const path = `${type.scope === 'Mesh' ? '/meshes/default' : ''}/${type.path}/${name}`;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 0, maxLength: 3 }), async (mutations) => {
        const document: object = { ...structuredClone(example), name };
        for (const each of mutations) {
          mutate(document, each);
        }
        const before = await api.request('GET', path);
        const plan = await api.request('POST', '/_apply?dryRun=true', { body: [document] });
        const written = await api.request('PUT', path, { body: document });
        requireKnownAnswer(plan);
        requireKnownAnswer(written);
        const after = await api.request('GET', path);
        if (written.status >= 400) {
          // What is refused changes nothing.
          expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
          return;
        }
        taken += 1;
        expect(after.status).toBe(200);
        // What is read can be written, and says the same.
        const again = await api.request('PUT', path, { body: after.body });
        expect([again.status, again.text]).toEqual([200, expect.anything()]);
        expect(again.headers.get('etag')).toBe(after.headers.get('etag'));
      }),
      { numRuns: runs, seed: 20_260_101, endOnFailure: true },
    );
    // Some are right, or nothing was tested of what is taken.
    expect(taken).toBeGreaterThan(0);
  });
});

describe('queries with mistakes in them', () => {
  const parameters = [
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
  ];
  const query = fc.array(
    fc.tuple(
      fc.constantFrom(
        ...parameters,
        'filter[labels.a]',
        'filter[b]',
        'since',
        'wait',
        'format',
        'type',
        'from',
        'after',
      ),
      fc.oneof(fc.string(), fc.constantFrom('-1', '0', '1e3', 'name', '-status', 'true', '__proto__', '%00')),
    ),
    { maxLength: 4 },
  );

  it.each([
    '/meshes/default/dataplanes',
    '/dataplanes/_overview',
    '/meshes/default/service-insights',
    '/meshes/default/meshtimeouts',
    '/meshes/default/meshtimeouts/mesh-timeout-all-default',
    '/mesh-insights',
    '/zones/_overview',
    '/_audit',
    '/meshes/default/meshtimeouts/mesh-timeout-all-default/_resources/dataplanes',
  ])('%s', async (path) => {
    await fc.assert(
      fc.asyncProperty(query, async (pairs) => {
        requireKnownAnswer(await api.request('GET', `${path}?${new URLSearchParams(pairs)}`));
      }),
      { numRuns: runs, seed: 20_260_101, endOnFailure: true },
    );
  });
});
