import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiHandler } from '../../functions/api-handler.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createLeases } from '../../src/store/create-leases.ts';
import { createPropagation } from '../../src/store/create-propagation.ts';
import { type CloudApi, dataplane, startCloudApi } from './cloud-api.ts';

let cloud: CloudApi;

beforeAll(async () => {
  cloud = await startCloudApi();
}, 120_000);
afterAll(() => cloud?.close());

/** The texts and bytes of a row, as text. */
function unmarshalled(row: Readonly<Record<string, AttributeValue>>): readonly string[] {
  return Object.values(row).map(({ S, B, N }) => S ?? N ?? Buffer.from(B ?? []).toString('latin1'));
}

describe('the API on Lambda', () => {
  it('says what it is without a token', async () => {
    const answer = await cloud.call('GET', '/', { headers: {} });
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(JSON.parse(answer.body)).toMatchObject({ product: 'Kuma', version: '2.13.10' });
  });

  it('shows nothing else to anybody who does not say who they are', async () => {
    const answer = await cloud.call('GET', '/meshes', { headers: {} });
    expect(answer.statusCode).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ type: '/std-errors', status: 401 });
  });

  it('trusts no header that says the caller is on the machine itself', async () => {
    const headers = { host: 'localhost', 'x-forwarded-for': '127.0.0.1' };
    expect((await cloud.call('GET', '/meshes', { host: 'acme.api.example.com', headers })).statusCode).toBe(
      404,
    );
    expect((await cloud.call('GET', '/meshes', { headers: { 'x-real-ip': '127.0.0.1' } })).statusCode).toBe(
      401,
    );
  });

  it('writes and reads, with bodies as text and in base64', async () => {
    const path = '/meshes/default/dataplanes/one';
    const body = JSON.stringify({ ...dataplane('one'), labels: { team: 'red' } });
    expect(
      (await cloud.call('PUT', path, { body: JSON.stringify(dataplane('one', { v: 'x y' })) })).statusCode,
    ).toBe(400);
    const valid = body.replaceAll('é', 'shop');
    expect(await cloud.call('PUT', path, { body: valid })).toMatchObject({ statusCode: 201, body: '{}' });
    const encoded = Buffer.from(valid.replace('red', 'blue')).toString('base64');
    expect(await cloud.call('PUT', path, { body: encoded, isBase64Encoded: true })).toMatchObject({
      statusCode: 200,
    });
    const read = await cloud.call('GET', path);
    expect(read.headers).toMatchObject({
      etag: expect.stringMatching(/^"2-/),
      'content-type': 'application/json',
    });
    expect(JSON.parse(read.body)).toMatchObject({ name: 'one', labels: { team: 'blue' } });
  });

  it('takes bytes that are no text for what they are', async () => {
    const body = Buffer.from([0xff, 0xfe, 0x00, 0x80]).toString('base64');
    const answer = await cloud.call('PUT', '/meshes/default/dataplanes/two', { body, isBase64Encoded: true });
    expect(answer.statusCode).toBe(400);
  });

  it('refuses a body that is too large', async () => {
    const body = 'x'.repeat(1024 * 1024 + 1);
    expect((await cloud.call('PUT', '/meshes/default/dataplanes/two', { body })).statusCode).toBe(413);
  });

  it('understands a parameter that is given more than once', async () => {
    for (const [name, tags] of [
      ['q-1', { 'kuma.io/service': 'a', version: 'v1' }],
      ['q-2', { 'kuma.io/service': 'a', version: 'v2' }],
    ] as const) {
      const body = JSON.stringify(dataplane(name, tags));
      expect((await cloud.call('PUT', `/meshes/default/dataplanes/${name}`, { body })).statusCode).toBe(201);
    }
    const query = 'tag=kuma.io%2Fservice%3Aa&tag=version%3Av2&size=1';
    const list = await cloud.call('GET', '/meshes/default/dataplanes', { query });
    expect(JSON.parse(list.body)).toMatchObject({ total: 1, items: [{ name: 'q-2' }] });
    const page = await cloud.call('GET', '/meshes/default/dataplanes+insights', { query: 'size=1' });
    expect(JSON.parse(page.body).next).toBe(
      'https://acme.api.example.com/meshes/default/dataplanes+insights?offset=1&size=1',
    );
  });

  it('makes a mesh that is complete, whose secrets lie sealed in the table', async () => {
    const mtls = { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] };
    const body = JSON.stringify({ type: 'Mesh', name: 'whole', mtls });
    expect((await cloud.call('PUT', '/meshes/whole', { body })).statusCode).toBe(201);
    const secrets = JSON.parse((await cloud.call('GET', '/meshes/whole/secrets')).body);
    expect(secrets.total).toBe(3);
    const { Items: rows = [] } = await cloud.table.send(new ScanCommand({ TableName: 'kumulus' }));
    const stored = rows.flatMap((row) => unmarshalled(row)).join('\n');
    for (const { name, data } of secrets.items) {
      expect(stored).toContain(name);
      expect(stored).not.toContain(data);
      expect(stored).not.toContain(Buffer.from(data, 'base64').toString('utf8').slice(0, 200));
    }
    const token = await cloud.call('POST', '/tokens/dataplane', { body: JSON.stringify({ mesh: 'whole' }) });
    expect(token).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/plain' } });
    expect(token.body.split('.')).toHaveLength(3);
    expect((await cloud.call('DELETE', '/meshes/whole')).statusCode).toBe(200);
    expect((await cloud.call('GET', '/meshes/whole/secrets')).statusCode).toBe(404);
  });

  it('answers a long poll when another process has written', async () => {
    const path = '/meshes/default/_changes';
    const { revision } = JSON.parse((await cloud.call('GET', path)).body);
    const answer = cloud.call('GET', path, { query: `since=${revision}&wait=20` });
    const elsewhere = createApiHandler(cloud.environment);
    const body = JSON.stringify(dataplane('polled')).replaceAll('é', 'shop');
    await cloud.ask(elsewhere, 'PUT', '/meshes/default/dataplanes/polled', { body });
    expect(JSON.parse((await answer).body)).toMatchObject({
      items: [{ changes: [{ action: 'put', type: 'Dataplane', name: 'polled' }] }],
    });
  });

  it('tells how far a revision has got when a relay has written it', async () => {
    const put = await cloud.call('PUT', '/meshes/default/dataplanes/told', {
      body: JSON.stringify(dataplane('told')).replaceAll('é', 'shop'),
    });
    const told = Number(put.headers['kumulus-revision']);
    const relay = { items: cloud.openItems(), clock: Date.now };
    const [propagation, leases] = [createPropagation(relay), createLeases(relay)];
    await leases.renew('east', 60_000);
    const acme = tenantId('acme');
    const progress = { proxies: 2, behind: [], named: [] };
    await propagation.write(acme, 'default', 'east', { told: told - 1, ...progress });
    // Of a process of its own: this one may have looked less than a second ago which relays there are.
    const elsewhere = createApiHandler(cloud.environment);
    const answer = cloud.ask(elsewhere, 'GET', '/meshes/default/_propagation', {
      query: `revision=${told}&wait=20`,
    });
    await propagation.write(acme, 'default', 'east', { told, ...progress });
    expect(JSON.parse((await answer).body)).toMatchObject({
      revision: told,
      complete: true,
      proxies: { connected: 2, have: 2, waiting: 0 },
    });
    await leases.release('east');
  });

  it('gives the same token again for the same key, in another process too', async () => {
    const sent = {
      body: JSON.stringify({ mesh: 'default', name: 'dp' }),
      headers: {
        authorization: `Bearer ${cloud.adminOf('acme')}`,
        'idempotency-key': 'once',
      },
    };
    const first = await cloud.call('POST', '/tokens/dataplane', sent);
    const elsewhere = createApiHandler(cloud.environment);
    const again = await cloud.ask(elsewhere, 'POST', '/tokens/dataplane', sent);
    expect([first.statusCode, again.statusCode, again.body]).toStrictEqual([200, 200, first.body]);
  });
});

it('asked for nothing that their roles refuse', () => {
  expect([...cloud.apiRoles.refused, ...cloud.jobsRoles.refused]).toEqual([]);
});
