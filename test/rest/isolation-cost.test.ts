import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tenantId } from '../../src/model/tenant.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { tenantSpecSchema } from '../../src/tenancy/tenant-record.ts';
import { newSigningKey } from '../../src/tokens/new-signing-key.ts';
import { type ApiFixture, baseDomain, createApiFixture } from '../support/api-fixture.ts';
import { noted } from '../support/noted-items.ts';

/**
 * What a refusal costs, counted: calls of the table and signatures that are checked. Time is made of these; a stopwatch
 * would measure the machine.
 */
let work: string[] = [];
const note = (call: string) => void work.push(call);

const tenants = {
  there: tenantId('acme'),
  suspended: tenantId('sleeping'),
  nobody: tenantId('nobody'),
};

let folder: string;
let api: ApiFixture;
let checks: ReturnType<typeof vi.spyOn>;
const credentials = new Map<string, string | undefined>();

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kumulus-cost-'));
  const openItems = (clock: () => number) => noted(createEmbeddedStore({ path: folder, clock }), note);
  api = await createApiFixture(['globex'], { openItems, signingKeys: newSigningKey });
  for (const tenant of [tenants.there, tenants.suspended]) {
    await api.tenants.create(tenant, tenantSpecSchema.parse({}));
  }
  await api.tenants.suspend(tenants.suspended, () => undefined);
  const signed = api.adminTokens.get('globex') ?? '';
  const claims = base64url({ Name: 'mesh-system:admin', iss: tenants.there });
  const [, , signature] = signed.split('.');
  credentials.set('another tenant', signed);
  credentials.set('nothing', undefined);
  credentials.set(
    'a key that is not there',
    `${base64url({ alg: 'RS256', kid: '7' })}.${claims}.${signature}`,
  );
  credentials.set('a wrong signature', `${base64url({ alg: 'RS256', kid: '1' })}.${claims}.${signature}`);
  credentials.set('alg none', `${base64url({ alg: 'none', kid: '1' })}.${claims}.`);
  credentials.set('HS256', `${base64url({ alg: 'HS256', kid: '1' })}.${claims}.${signature}`);
  credentials.set('no token at all', 'x');
  checks = vi.spyOn(globalThis.crypto.subtle, 'verify');
}, 60_000);
afterAll(async () => {
  checks.mockRestore();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

async function costOf(tenant: string, token: string | undefined) {
  work = [];
  checks.mockClear();
  const { status } = await api.request('GET', '/meshes/default/secrets', {
    host: `${tenant}.${baseDomain}`,
    peer: '192.0.2.1',
    headers: { authorization: token === undefined ? undefined : `Bearer ${token}` },
  });
  return { status, table: work, signatures: checks.mock.calls.length };
}

describe.each([
  ['another tenant', 1],
  ['nothing', 0],
  ['a key that is not there', 1],
  ['a wrong signature', 1],
  ['alg none', 0],
  ['HS256', 0],
  ['no token at all', 0],
] as const)('refusing a caller with %s', (credential, signatures) => {
  const token = () => credentials.get(credential);

  it('costs one look at the head, and the signature where there may be one', async () => {
    await costOf(tenants.there, token());
    expect(await costOf(tenants.there, token())).toEqual({
      status: 401,
      table: ['batchGet tenant head/'],
      signatures,
    });
  });

  it.each(['suspended', 'nobody'] as const)('costs the same where the tenant is %s', async (other) => {
    await costOf(tenants[other], token());
    expect(await costOf(tenants[other], token())).toEqual(await costOf(tenants.there, token()));
    api.advance(5_000);
    expect(await costOf(tenants[other], token())).toEqual(await costOf(tenants.there, token()));
  });
});

it('costs the same rounds where a name is asked for the first time, be there a tenant or not', async () => {
  const fresh = tenantId('fresh');
  await api.tenants.create(fresh, tenantSpecSchema.parse({}));
  api.advance(5_000);
  const token = credentials.get('another tenant');
  const there = await costOf(fresh, token);
  expect(await costOf('never-asked', token)).toEqual(there);
  expect(there.table).toHaveLength(4);
});
