import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FreshTarget } from '../rest/conformance.case.ts';
import { type Fault, type FaultyDynamoDb, refusal, startFaultyDynamoDb } from '../store/support/faults.ts';
import { type LambdaApi, startLambdaApi } from '../support/lambda-target.ts';

let api: LambdaApi;
let proxy: FaultyDynamoDb;
let target: FreshTarget;

beforeAll(async () => {
  api = await startLambdaApi(async (endpoint) => {
    proxy = await startFaultyDynamoDb(endpoint);
    return proxy.endpoint;
  });
  target = await api.freshTenant();
}, 60_000);
afterAll(async () => {
  proxy.onCall(() => ({ kind: 'pass' }));
  await api.stop();
  await proxy.close();
});

/** The function's own, in milliseconds; the gateway waits two seconds longer. */
const functionTimeoutMs = 28_000;
const path = '/meshes/default/meshtimeouts/late';
const timeouts = { targetRef: { kind: 'Mesh' }, default: { http: { requestTimeout: '2s' } } };
const spec = { targetRef: { kind: 'Mesh' }, to: [timeouts] };
const body = { type: 'MeshTimeout', mesh: 'default', name: 'late', spec };

const faults: readonly (readonly [string, Fault])[] = [
  ['throttles', refusal(400, 'ProvisionedThroughputExceededException')],
  ['does not answer', { kind: 'silence' }],
];
it.each(faults)(
  'a table that %s is told of in time, and nothing is left half done',
  { timeout: 90_000 },
  async (_, fault) => {
    expect((await target.request('GET', '/meshes/default', {})).status).toBe(200);
    proxy.onCall(() => fault);
    const start = performance.now();
    const answers = await Promise.all([
      target.request('PUT', path, { body }),
      target.request('POST', '/tokens/dataplane', {
        body: { mesh: 'default', name: 'web-1', validFor: '1h' },
      }),
    ]);
    expect(performance.now() - start).toBeLessThan(functionTimeoutMs);
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    proxy.onCall(() => ({ kind: 'pass' }));
    expect((await target.request('GET', path, {})).status).toBe(404);
    expect((await target.request('PUT', path, { body })).status).toBe(201);
    expect((await target.request('DELETE', path, {})).status).toBe(200);
  },
);
