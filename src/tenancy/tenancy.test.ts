import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAdminCertificates } from '../certificates/admin.ts';
import { silentLogger } from '../model/ports.ts';
import type { Resource } from '../model/resource.ts';
import { SecretValue } from '../model/secret-value.ts';
import { tenantId } from '../model/tenant.ts';
import { resourceType } from '../policies/registry.ts';
import { openLocalMasterKey } from '../secrets/local-master-key.ts';
import { createSecretBox } from '../secrets/secret-box.ts';
import { secretData, secretSpec, secretView } from '../secrets/secret-data.ts';
import { createResourceStore } from '../store/create-resource-store.ts';
import { createEmbeddedStore, type EmbeddedStore } from '../store/embedded/embedded-store.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { createSigningKeySource } from '../tokens/new-signing-key.ts';
import { createTokens } from '../tokens/tokens.ts';
import { type EnsureTenantDeps, ensureTenant } from './ensure-tenant.ts';
import { builtinAuthorityDrafts, meshDrafts } from './mesh-drafts.ts';

const acme = tenantId('acme');
const globex = tenantId('globex');
const now = Date.parse('2026-11-20T12:00:00Z');
const signingKeys = createSigningKeySource(2);

let folder: string;
let items: EmbeddedStore;
let openStore: () => ResourceStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenancy-'));
  items = createEmbeddedStore({ path: join(folder, 'data'), clock: () => now });
  const secretBox = createSecretBox({
    master: await openLocalMasterKey(join(folder, 'key')),
    clock: () => now,
  });
  openStore = () =>
    createResourceStore({
      items,
      secretBox,
      isSecret: (type) => resourceType(type)?.secret === true,
      clock: () => now,
      logger: silentLogger,
    });
});
afterEach(async () => {
  await items.close();
  await rm(folder, { recursive: true });
});

function depsOf(resources: ResourceStore): EnsureTenantDeps {
  let count = 0;
  return {
    resources,
    logger: silentLogger,
    signingKeys,
    clock: () => now,
    ids: () => `id-${++count}`,
    zone: 'default',
  };
}

const names = (resources: readonly Resource[]) => resources.map(({ type, name }) => `${type} ${name}`).sort();

const globals = [
  'AccessRole admin',
  'AccessRole editor',
  'AccessRole viewer',
  'AccessRoleBinding admin',
  'GlobalSecret admin-user-token',
  'GlobalSecret envoy-admin-ca',
  'GlobalSecret inter-cp-ca',
  'GlobalSecret user-token-signing-key-1',
  'GlobalSecret zone-token-signing-key-1',
  'HostnameGenerator local-mesh-external-service',
  'HostnameGenerator local-universal-mesh-service',
  'Mesh default',
  'Zone default',
];
const inMesh = [
  'Mesh default',
  'MeshCircuitBreaker mesh-circuit-breaker-all-default',
  'MeshRetry mesh-retry-all-default',
  'MeshTimeout mesh-gateways-timeout-all-default',
  'MeshTimeout mesh-timeout-all-default',
  'Secret dataplane-token-signing-key-default-1',
];

describe('ensureTenant', () => {
  it('makes all that a tenant needs in one commit, once', async () => {
    const store = openStore();
    await ensureTenant(depsOf(store), acme);
    expect(names((await store.load(acme, '')).resources)).toEqual(globals);
    expect(names((await store.load(acme, 'default')).resources)).toEqual(inMesh);
    expect([(await store.head(acme, '')).revision, (await store.head(acme, 'default')).revision]).toEqual([
      1, 1,
    ]);
    await ensureTenant(depsOf(store), acme);
    expect([(await store.head(acme, '')).revision, (await store.head(acme, 'default')).revision]).toEqual([
      1, 1,
    ]);
    expect((await store.load(globex, '')).resources).toEqual([]);
  });

  it('makes them once where several processes do it at the same time', async () => {
    const stores = [openStore(), openStore(), openStore()];
    await Promise.all(stores.map((store) => ensureTenant(depsOf(store), acme)));
    expect((await openStore().load(acme, '')).resources.map(({ version }) => version)).toEqual(
      globals.map(() => 1),
    );
    expect(names((await openStore().load(acme, 'default')).resources)).toEqual(inMesh);
  });

  it('gives the administrator a token that is good, and nobody else', async () => {
    const store = openStore();
    await ensureTenant(depsOf(store), acme);
    await ensureTenant(depsOf(store), globex);
    const tokens = createTokens({
      secrets: {
        async read(tenant) {
          const { resources } = await store.load(tenant, '');
          const held = resources.filter(({ type }) => type === 'GlobalSecret');
          return secretView(new Map(held.map((each) => [each.name, each])));
        },
      },
      clock: () => now,
      ids: () => '',
    });
    const secret = await store.get(acme, { type: 'GlobalSecret', mesh: '', name: 'admin-user-token' });
    const token = secretData(secret ?? expect.fail('no token')).toString();
    expect(await tokens.validateUser(acme, token)).toMatchObject({
      claims: { Name: 'mesh-system:admin', Groups: ['mesh-system:admin'] },
      expires: now + 10 * 365 * 24 * 3_600_000,
    });
    await expect(tokens.validateUser(globex, token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('makes authorities and keys that work', async () => {
    const store = openStore();
    await ensureTenant(depsOf(store), acme);
    const contents = async (name: string) => {
      const secret = await store.get(acme, { type: 'GlobalSecret', mesh: '', name });
      return secretData(secret ?? expect.fail(`no ${name}`)).toString();
    };
    const admin = createAdminCertificates(new SecretValue(await contents('envoy-admin-ca')));
    expect(new X509Certificate(admin.server('10.0.0.1').certificate).checkIP('10.0.0.1')).toBe('10.0.0.1');
    expect(new X509Certificate(await contents('inter-cp-ca')).ca).toBe(true);
    const zone = createPrivateKey(await contents('zone-token-signing-key-1'));
    const user = createPrivateKey(await contents('user-token-signing-key-1'));
    expect(zone.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(zone.equals(user)).toBe(false);
  });

  it('leaves what was changed and makes what was taken away', async () => {
    const store = openStore();
    await ensureTenant(depsOf(store), acme);
    const key = { type: 'GlobalSecret', mesh: '', name: 'user-token-signing-key-2' };
    const rotated = (await signingKeys()).reveal();
    await store.commit(acme, [
      { kind: 'put', draft: { ...key, labels: {}, spec: secretSpec(rotated) } },
      { kind: 'delete', key: { ...key, name: 'user-token-signing-key-1' } },
      { kind: 'delete', key: { ...key, name: 'admin-user-token' } },
    ]);
    await ensureTenant(depsOf(store), acme);
    const { resources } = await store.load(acme, '');
    expect(names(resources)).toEqual(
      globals.map((name) => name.replace('user-token-signing-key-1', 'user-token-signing-key-2')),
    );
    const token = resources.find(({ name }) => name === 'admin-user-token') ?? expect.fail('no token');
    const [header = ''] = secretData(token).toString().split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ kid: '2' });
  });

  it('leaves bindings that were taken away, and opens nothing again', async () => {
    const store = openStore();
    const deps: EnsureTenantDeps = { ...depsOf(store), access: 'kuma' };
    await ensureTenant(deps, acme);
    const bindings = async () =>
      names((await store.load(acme, '')).resources).filter((name) => name.startsWith('AccessRoleBinding'));
    expect(await bindings()).toEqual([
      'AccessRoleBinding admin',
      'AccessRoleBinding authenticated',
      'AccessRoleBinding unauthenticated',
    ]);
    const key = { type: 'AccessRoleBinding', mesh: '', name: 'unauthenticated' };
    await store.commit(acme, [{ kind: 'delete', key }]);
    await ensureTenant(deps, acme);
    expect(await bindings()).toEqual(['AccessRoleBinding admin', 'AccessRoleBinding authenticated']);
  });

  it('can leave the mesh out', async () => {
    const store = openStore();
    await ensureTenant({ ...depsOf(store), createDefaultMesh: false, zone: 'east' }, acme);
    expect(names((await store.load(acme, '')).resources)).toEqual([
      ...globals.filter((name) => !name.startsWith('Mesh') && !name.startsWith('Zone')),
      'Zone east',
    ]);
  });
});

describe('meshDrafts', () => {
  const deps = { signingKeys, clock: () => now };

  it('has keys, policies and the authorities of all builtin backends, also of those that sleep', async () => {
    const drafts = await meshDrafts(deps, 'demo', {
      mtls: {
        backends: [
          { name: 'ca', type: 'builtin' },
          { name: 'mine', type: 'provided' },
        ],
      },
    });
    expect(drafts.map(({ type, mesh, name }) => `${type} ${mesh} ${name}`)).toEqual([
      'Secret demo dataplane-token-signing-key-demo-1',
      'MeshTimeout demo mesh-gateways-timeout-all-demo',
      'MeshTimeout demo mesh-timeout-all-demo',
      'MeshCircuitBreaker demo mesh-circuit-breaker-all-demo',
      'MeshRetry demo mesh-retry-all-demo',
      'Secret demo demo.ca-builtin-cert-ca',
      'Secret demo demo.ca-builtin-key-ca',
    ]);
  });

  it('can be without policies', async () => {
    const drafts = await meshDrafts(deps, 'demo', { skipCreatingInitialPolicies: ['*'] });
    expect(drafts.map(({ type }) => type)).toEqual(['Secret']);
  });

  it.each([
    ['both are there', ['demo.ca-builtin-cert-ca', 'demo.ca-builtin-key-ca'], 0],
    ['one is missing', ['demo.ca-builtin-cert-ca'], 2],
    ['none is there', [], 2],
  ])('authorities are made in pairs: %s', async (_, there, made) => {
    const spec = { mtls: { backends: [{ name: 'ca', type: 'builtin' }] } };
    const drafts = await builtinAuthorityDrafts('demo', spec, now, (name) => there.includes(name));
    expect(drafts).toHaveLength(made);
  });
});
