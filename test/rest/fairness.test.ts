import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, type ApiFixture, baseDomain, createApiFixture } from '../support/api-fixture.ts';

/** How long somebody waits is counted in the others' requests that are answered meanwhile, not by a stopwatch. */
let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['acme', 'globex']);
  for (const tenant of ['acme', 'globex']) {
    expect((await ask(tenant, 'GET', '/meshes')).status).toBe(200);
  }
});
afterAll(() => api.close());

function ask(tenant: string, method: string, path: string, token = api.adminTokens.get(tenant)) {
  const name = path.split('/').at(-1) ?? '';
  const body = {
    type: 'Dataplane',
    mesh: 'default',
    name,
    networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'web' } }] },
  };
  return api.request(method, path, {
    host: `${tenant}.${baseDomain}`,
    peer: '192.0.2.1',
    headers: { authorization: `Bearer ${token}` },
    ...(method === 'PUT' && { body }),
  });
}

const floods: readonly [string, (position: number) => Promise<ApiAnswer>][] = [
  ['reads', () => ask('acme', 'GET', '/meshes/default/dataplanes')],
  ['writes', (position) => ask('acme', 'PUT', `/meshes/default/dataplanes/dp-${position}`)],
  ['tokens that are no good', () => ask('acme', 'GET', '/meshes', 'x.y.z')],
  [
    'tokens that are no good, for ever new names',
    (position) => ask(`t${position}`, 'GET', '/meshes', 'x.y.z'),
  ],
];

describe.each(floods)('while one tenant is flooded with %s', (_, flood) => {
  it('another one is answered after few of those', async () => {
    const total = 200;
    let answered = 0;
    const all = Array.from({ length: total }, async (__, position) => {
      await flood(position);
      answered += 1;
    });
    // It comes when the event loop gets round to it, as from a socket.
    await new Promise((resolve) => setImmediate(resolve));
    const answer = await ask('globex', 'GET', '/meshes/default');
    const before = answered;
    expect(answer.status).toBe(200);
    await Promise.all(all);
    expect(before).toBeLessThan(total / 2);
  });
});

it('one tenant gets 429 at once beyond what may wait, and another one nothing of it', async () => {
  const all = Array.from({ length: 400 }, () => ask('acme', 'GET', '/meshes/default'));
  await new Promise((resolve) => setImmediate(resolve));
  expect((await ask('globex', 'GET', '/meshes/default')).status).toBe(200);
  const answers = await Promise.all(all);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ headers }) => headers.get('retry-after') === '1')).toBe(true);
  expect(answers.filter(({ status }) => status === 200).length + refused.length).toBe(400);
});
