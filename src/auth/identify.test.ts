import { beforeAll, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../model/ports.ts';
import type { Resource } from '../model/resource.ts';
import { tenantId } from '../model/tenant.ts';
import { newSigningKey } from '../tokens/new-signing-key.ts';
import { parseUserTokenRequest } from '../tokens/requests.ts';
import { createSecrets } from '../tokens/tokens.fixture.ts';
import { createTokens } from '../tokens/tokens.ts';
import { createIdentification, type Identify } from './identify.ts';

const acme = tenantId('acme');
const zone = { name: 'Zone', scope: 'Global', secret: false } as const;

let token: string;
let secrets: ReturnType<typeof createSecrets>;
let identify: Identify;
let roles: ReadonlyMap<string, Resource>;
let bindings: ReadonlyMap<string, Resource>;
let reads: number;
let key: string;
beforeAll(async () => {
  key = (await newSigningKey()).reveal();
});
beforeEach(async () => {
  secrets = createSecrets();
  secrets.put('acme', '', 'user-token-signing-key-1', key);
  const tokens = createTokens({ secrets: secrets.reader, clock: () => 0, ids: () => 'id' });
  token = await tokens.issueUser(acme, parseUserTokenRequest({ name: 'bob', groups: ['g'], validFor: '1h' }));
  roles = named('AccessRole', 'zones', { rules: [{ types: ['Zone'], access: ['READ'] }] });
  bindings = named('AccessRoleBinding', 'b', { subjects: [{ type: 'Group', name: 'g' }], roles: ['zones'] });
  reads = 0;
  identify = createIdentification({
    tokens,
    localhostIsAdmin: true,
    logger: silentLogger,
    async read(tenant) {
      reads += 1;
      return { secrets: await secrets.reader.read(tenant, ''), roles, bindings, meshes: new Map() };
    },
  });
});

function named(type: string, name: string, spec: unknown): ReadonlyMap<string, Resource> {
  const times = { creationTime: '', modificationTime: '' };
  return new Map([[name, { type, mesh: '', name, labels: {}, ...times, version: 1, spec }]]);
}

const caller = (peerAddress: string, authorization?: string) => ({
  peerAddress,
  header: (name: string) =>
    name === 'host' ? 'localhost' : name === 'authorization' ? authorization : undefined,
});

it('reads nothing for the machine itself', async () => {
  const { user, access } = await identify(acme, caller('127.0.0.1'));
  expect([user.name, access.isAdmin, reads]).toEqual(['mesh-system:admin', true, 0]);
});

it.each([
  ['with a token', () => `Bearer ${token}`, 'bob'],
  ['without one', () => undefined, 'mesh-system:anonymous'],
])('reads the state of the tenant once for a caller %s', async (_, authorization, name) => {
  const { user, access } = await identify(acme, caller('10.0.0.1', authorization()));
  expect([user.name, access.isAdmin, access.isNobody, reads]).toEqual([name, false, name !== 'bob', 1]);
});

it('keeps what it made ready until a role or a binding changes', async () => {
  const ask = async () => (await identify(acme, caller('10.0.0.1', `Bearer ${token}`))).access;
  const first = await ask();
  first.read(zone, '');
  expect(await ask()).toBe(first);
  bindings = new Map();
  const second = await ask();
  expect(() => second.read(zone, '')).toThrow('cannot access');
  roles = new Map();
  expect(await ask()).not.toBe(second);
});

it('refuses a token that is revoked, at once', async () => {
  secrets.put('acme', '', 'user-token-revocations', 'id');
  await expect(identify(acme, caller('10.0.0.1', `Bearer ${token}`))).rejects.toMatchObject({
    code: 'unauthenticated',
  });
});
