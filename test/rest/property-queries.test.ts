import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

/** Queries tried of each path. */
const runs = Number(process.env.PROPERTY_RUNS ?? 40);

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['acme']);
});
afterAll(() => api?.close());

function requireKnownAnswer(answer: ApiAnswer): void {
  expect(answer.status, answer.text).toBeLessThan(500);
  if (answer.status >= 400) {
    expect(answer.body, answer.text).toMatchObject({ type: '/std-errors', status: answer.status });
  }
}

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
