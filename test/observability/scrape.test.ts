import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type LocalServer, startLocalServer } from '../../dev/server/local-server.ts';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { createJsonLogger } from '../../src/model/json-logger.ts';
import { readExposition, valueIn } from '../../src/observability/exposition.fixture.ts';
import { connectClient, type DeltaClient, node, openDelta } from '../xds/ads-client.ts';
import { dataplane } from '../xds/relay-world.ts';

const data = mkdtempSync(join(tmpdir(), 'kumulus-metrics-'));
const lines: string[] = [];
let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer(
    {
      apiPort: 0,
      apiTlsPort: undefined,
      dpPort: 0,
      diagnosticsPort: 0,
      data,
      output: 'json',
    },
    { KUMULUS_DRAIN_TIME: '10ms' },
    createJsonLogger('info', (line) => lines.push(line)),
  );
});
afterAll(async () => {
  await server.stop();
  rmSync(data, { recursive: true });
});

const healthSchema = z.object({
  ok: z.boolean(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), since: z.string(), detail: z.string() })),
});

async function scrape() {
  const answer = await fetch(`http://127.0.0.1:${server.diagnosticsPort}/metrics`);
  return readExposition(await answer.text());
}

async function ready() {
  const answer = await fetch(`http://127.0.0.1:${server.diagnosticsPort}/readyz`);
  return { status: answer.status, ...healthSchema.parse(await answer.json()) };
}

async function token(name: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${server.apiPort}/tokens/dataplane`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mesh: 'default', name, validFor: '1h' }),
  });
  return answer.text();
}

async function connect(name: string, using?: string): Promise<DeltaClient> {
  const ca = readFileSync(server.caFile, 'utf8');
  const stream = openDelta(connectClient({ port: server.dpPort, ca }), using ?? (await token(name)));
  const resource = JSON.stringify(dataplane(name, 'web', '10.0.0.1', ['db']));
  stream.send({
    node: node(name, { 'dataplane.admin.port': '9901', 'dataplane.resource': resource }),
    typeUrl: typeUrls.cluster,
  });
  return stream;
}

/** Writes a timeout for all proxies of the mesh, or deletes it. */
async function change(method: 'PUT' | 'DELETE'): Promise<void> {
  const spec = {
    targetRef: { kind: 'Mesh' },
    to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '77s' } }],
  };
  const resource = { type: 'MeshTimeout', name: 'slow', mesh: 'default', spec };
  const answer = await fetch(`http://127.0.0.1:${server.apiPort}/meshes/default/meshtimeouts/slow`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(method === 'PUT' && { body: JSON.stringify(resource) }),
  });
  expect(answer.ok).toBe(true);
}

/** Answers everything as Envoy does from now on; refuses what it is told to. Ends with the stream. */
async function answer(stream: DeltaClient, refuses: { typeUrl?: string }): Promise<void> {
  for (;;) {
    const { typeUrl, nonce } = await stream.next();
    const errorDetail = { code: 13, message: 'no such thing' };
    stream.send({ typeUrl, responseNonce: nonce, ...(typeUrl === refuses.typeUrl && { errorDetail }) });
  }
}

/** What one scrape and the one before differ by, of this tenant and type. */
function growth(before: Awaited<ReturnType<typeof scrape>>, after: typeof before) {
  return (name: string, labels: Readonly<Record<string, string>> = {}) =>
    valueIn(after, name, labels) - valueIn(before, name, labels);
}

const clusters = { tenant: 'default', type_url: typeUrls.cluster };

/** Counts arrive some time after what they count. */
const patience = { timeout: 20_000 };

describe('the metrics of a relay with real streams', () => {
  it('are those of a server that is ready, before any proxy came', async () => {
    const values = await scrape();
    expect(valueIn(values, 'kumulus_ready')).toBe(1);
    expect(values.get('kumulus_proxies')?.samples).toEqual([]);
    expect(valueIn(values, 'kumulus_lease_renewals_total', { outcome: 'ok' })).toBeGreaterThan(0);
    expect(valueIn(values, 'kumulus_lease_expiry_timestamp_seconds') * 1000).toBeGreaterThan(Date.now());
    expect(valueIn(values, 'kumulus_certificate_expiry_timestamp_seconds') * 1000).toBeGreaterThan(
      Date.now(),
    );
    expect(valueIn(values, 'kumulus_store_calls_total', { call: 'transact', outcome: 'ok' })).toBeGreaterThan(
      0,
    );
    expect(valueIn(values, 'kumulus_nacks_total')).toBe(0);
    expect(await ready()).toMatchObject({ status: 200, ok: true });
  });

  it('follow a proxy that comes, takes, is told of a change, refuses and goes', async () => {
    const start = await scrape();
    const stream = await connect('web-1');
    const first = await stream.next();
    expect(first.typeUrl).toBe(typeUrls.cluster);
    let values = await scrape();
    let grown = growth(start, values);
    expect(
      valueIn(values, 'kumulus_proxies', { tenant: 'default', mesh: 'default', protocol: 'delta' }),
    ).toBe(1);
    expect(grown('kumulus_streams', { protocol: 'delta' })).toBe(1);
    expect(grown('kumulus_pushes_total', clusters)).toBe(1);
    expect(grown('kumulus_push_bytes_total', clusters)).toBeGreaterThan(500);
    expect(grown('kumulus_acks_total', clusters)).toBe(0);
    expect(grown('kumulus_registered_dataplanes_total', { outcome: 'ok' })).toBe(1);
    expect(grown('kumulus_admission_wait_seconds_count', { door: 'streams' })).toBe(1);

    const refuses: { typeUrl?: string } = {};
    stream.send({ typeUrl: typeUrls.cluster, responseNonce: first.nonce });
    stream.send({ typeUrl: typeUrls.endpoint, resourceNamesSubscribe: ['db'] });
    stream.send({ typeUrl: typeUrls.listener });
    const answered = answer(stream, refuses).catch(() => {});
    const listeners = { tenant: 'default', type_url: typeUrls.listener };
    await expect
      .poll(async () => growth(start, await scrape())('kumulus_acks_total', listeners), patience)
      .toBe(1);
    expect(growth(start, await scrape())('kumulus_acks_total', clusters)).toBe(1);
    // What a proxy is given when it comes is no change that was under way.
    expect(growth(start, await scrape())('kumulus_propagation_seconds_count')).toBe(0);

    const before = await scrape();
    const began = Date.now();
    await change('PUT');
    await expect
      .poll(
        async () =>
          growth(before, await scrape())('kumulus_propagation_seconds_count', { tenant: 'default' }),
        patience,
      )
      .toBe(1);
    values = await scrape();
    grown = growth(before, values);
    expect(grown('kumulus_change_seen_seconds_count')).toBe(1);
    expect(grown('kumulus_compiled_proxies_total', { tenant: 'default' })).toBe(1);
    expect(grown('kumulus_acks_total', clusters)).toBe(1);
    expect(grown('kumulus_propagation_seconds_sum') * 1000).toBeLessThanOrEqual(Date.now() - began);

    const beforeRefusal = await scrape();
    refuses.typeUrl = typeUrls.cluster;
    await change('DELETE');
    await expect
      .poll(async () => growth(beforeRefusal, await scrape())('kumulus_nacks_total', clusters), patience)
      .toBe(1);
    expect(growth(beforeRefusal, await scrape())('kumulus_propagation_seconds_count')).toBe(0);
    expect(growth(beforeRefusal, await scrape())('kumulus_nacks_total')).toBe(1);

    stream.close();
    await answered;
    await expect.poll(async () => (await scrape()).get('kumulus_proxies')?.samples, patience).toEqual([]);
    grown = growth(start, await scrape());
    expect(grown('kumulus_streams', { protocol: 'delta' })).toBe(0);
    expect(grown('kumulus_streams_ended_total', { protocol: 'delta', reason: 'by_proxy' })).toBe(1);
  });

  it.each(['/metrics', '/healthz', '/readyz'])('are not to be had where tenants call: %s', async (path) => {
    const api = await fetch(`http://127.0.0.1:${server.apiPort}${path}`);
    expect(api.status).toBe(404);
    const asked = request({
      host: '127.0.0.1',
      servername: 'localhost',
      port: server.dpPort,
      path,
      ca: readFileSync(server.caFile, 'utf8'),
    }).end();
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(404);
    answer.resume();
  });

  it('tell of who is not let in', async () => {
    const start = await scrape();
    const stream = await connect('web-2', 'not.a.token');
    expect((await stream.status).details).not.toBe('');
    const grown = growth(start, await scrape());
    expect(grown('kumulus_streams_ended_total', { reason: 'unauthenticated' })).toBe(1);
    expect(grown('kumulus_streams', { protocol: 'delta' })).toBe(0);
    expect(grown('kumulus_pushes_total')).toBe(0);
    expect((await scrape()).get('kumulus_proxies')?.samples).toEqual([]);
  });
});

describe('the log of these streams', () => {
  it('has a line for each connection and its end, and none for a push', async () => {
    const entries = lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
    const ofProxies = entries.filter(({ message }) => /^a proxy/.test(String(message)));
    expect(ofProxies).toMatchObject([
      { level: 'info', message: 'a proxy is connected', tenant: 'default', mesh: 'default', name: 'web-1' },
      {
        level: 'info',
        message: 'a proxy went',
        tenant: 'default',
        mesh: 'default',
        name: 'web-1',
        protocol: 'delta',
        reason: 'by_proxy',
        revision: expect.any(Number),
        seconds: expect.any(Number),
      },
      {
        level: 'info',
        message: 'a proxy was not let in',
        tenant: 'default',
        name: 'web-2',
        reason: 'unauthenticated',
        details: expect.stringContaining('token'),
      },
    ]);
    expect(entries.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
    expect(lines.join('\n')).not.toContain('not.a.token');
    expect(lines.join('\n')).not.toMatch(/eyJ/);
  });
});
