import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tenantId } from '../../src/model/tenant.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { tenantSpecSchema } from '../../src/tenancy/tenant-record.ts';
import { newSigningKey } from '../../src/tokens/new-signing-key.ts';
import { type ApiFixture, baseDomain, createApiFixture } from '../support/api-fixture.ts';
import { noted } from '../support/noted-items.ts';

/** What requests ask of the table, by a tenant with the quotas that tenants have unless told. */
let calls: string[] = [];
/** All but what is done after the answer, in a time of its own: events that were published leave the outbox. */
const note = (call: string) => void (call.startsWith('transact :system') || calls.push(call));
let token = '';
let folder: string;
let api: ApiFixture;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kumulus-calls-'));
  api = await createApiFixture(['other'], {
    openItems: (clock) => noted(createEmbeddedStore({ path: folder, clock }), note),
    signingKeys: newSigningKey,
  });
  const { adminToken } = await api.tenants.create(tenantId('acme'), tenantSpecSchema.parse({}));
  token = adminToken ?? '';
  await request('PUT', 'first', '10.0.0.1');
  await request('PUT', 'gone', '10.0.0.1');
}, 60_000);
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

async function request(method: string, name: string, address?: string): Promise<readonly string[]> {
  calls = [];
  const { status } = await api.request(method, `/meshes/default/dataplanes/${name}`, {
    host: `acme.${baseDomain}`,
    peer: '192.0.2.1',
    headers: { authorization: `Bearer ${token}` },
    ...(address !== undefined && {
      body: {
        type: 'Dataplane',
        mesh: 'default',
        name,
        networking: { address, inbound: [{ port: 80, tags: { 'kuma.io/service': 'web' } }] },
      },
    }),
  });
  expect(status).toBeLessThan(300);
  return calls;
}

/** Who asks, and whether there is the mesh. */
const state = 'batchGet tenant head/';
/** The resource, and all that a write of it starts from. */
const resource = 'batchGet tenant head/default data/1/default';

it('a resource is read in two calls', async () => {
  expect(await request('GET', 'first')).toEqual([state, resource]);
});

it('what changes nothing is not written', async () => {
  expect(await request('PUT', 'first', '10.0.0.1')).toEqual([state, resource]);
});

it.each([
  ['changed', () => request('PUT', 'first', '10.0.0.2')],
  ['deleted', () => request('DELETE', 'gone')],
])('a resource is %s in two calls and its transaction', async (_, change) => {
  expect(await change()).toEqual([state, resource, expect.stringMatching(/^transact tenant/)]);
});

it('what is made is held against the quotas, other meshes being counted every two seconds', async () => {
  const counts = ['query tenant data/0/', 'batchGet tenant head/ head/default'];
  api.advance(2_000);
  const [first, second, ...others] = await request('PUT', 'new', '10.0.0.1');
  expect([first, second]).toEqual([state, resource]);
  expect(others.slice(0, -1).toSorted()).toEqual(counts.toSorted());
  expect(others.at(-1)).toMatch(/^transact tenant/);
  expect(await request('PUT', 'newer', '10.0.0.1')).toHaveLength(3);
});

it('the record of the tenant is read beside the state, where it is not at hand', async () => {
  api.advance(5_000);
  expect(new Set(await request('GET', 'first'))).toEqual(new Set(['get :system tenants', state, resource]));
});
