import { afterEach, describe, expect, it } from 'vitest';
import { type Snapshot, typeUrls } from '../../src/compile/snapshot.ts';
import type { KumulusError } from '../../src/model/errors.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { secretSpec } from '../../src/secrets/secret-data.ts';
import type { ProxySession } from '../../src/xds/session.ts';
import { dataplane, type RelayWorld, relayWorld } from './relay-world.ts';

let world: RelayWorld;
afterEach(() => world.close());

function names(snapshot: Snapshot | undefined, type: keyof typeof typeUrls): string[] {
  return [...(snapshot?.resources[typeUrls[type]].keys() ?? [])].sort();
}

/** Resolves with the first snapshot, from the one that is there on, that fulfils the condition. */
function snapshotWith(session: ProxySession, condition: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise((resolve) => {
    session.onSnapshot((snapshot) => {
      if (condition(snapshot)) {
        resolve(snapshot);
      }
    });
  });
}

function ending(session: ProxySession): Promise<KumulusError> {
  return new Promise((resolve) => session.onEnd(resolve));
}

async function join(name: string, service: string, address: string, consumes: readonly string[] = []) {
  const token = await world.token(name);
  return world.relay.open(world.hello(name, token, dataplane(name, service, address, consumes)));
}

async function put(type: string, name: string, spec: unknown) {
  const mesh = type === 'Mesh' ? '' : 'default';
  await world.stores.resources.commit(defaultTenant, [
    { kind: 'put', draft: { type, mesh, name, labels: {}, spec } },
  ]);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const stored = (name: string) =>
  world.stores.resources.get(defaultTenant, { type: 'Dataplane', mesh: 'default', name });

async function turnMtlsOn(options: object = {}) {
  const { createBuiltinAuthority } = await import('../../src/certificates/mesh-authority.ts');
  const pair = await createBuiltinAuthority('default', { name: 'ca-1', type: 'builtin' }, Date.now());
  await put('Secret', 'default.ca-builtin-cert-ca-1', secretSpec(pair.certificate));
  await put('Secret', 'default.ca-builtin-key-ca-1', secretSpec(pair.key.reveal()));
  const backends = [{ name: 'ca-1', type: 'builtin', ...options }];
  await put('Mesh', 'default', { mtls: { enabledBackend: 'ca-1', backends } });
}

describe('a proxy that brings its Dataplane', () => {
  it('is registered and configured', async () => {
    world = await relayWorld();
    const session = await join('web-1', 'web', '10.0.0.1', ['db']);
    expect(names(session.snapshot, 'listener')).toContain('inbound:10.0.0.1:80');
    expect(names(session.snapshot, 'cluster')).toContain('db');
    expect((await stored('web-1'))?.labels).toMatchObject({
      'kuma.io/zone': 'default',
      'kuma.io/origin': 'zone',
    });
  });

  it('writes nothing when it comes back with the same one', async () => {
    world = await relayWorld({ deregistrationDelayMs: 60_000 });
    (await join('web-1', 'web', '10.0.0.1')).close();
    const before = await stored('web-1');
    await join('web-1', 'web', '10.0.0.1');
    expect((await stored('web-1'))?.version).toBe(before?.version);
  });

  it('is an endpoint of those who consume its service, and no more once it went', async () => {
    world = await relayWorld();
    const consumer = await join('web-1', 'web', '10.0.0.1', ['db']);
    const version = (snapshot: Snapshot) => snapshot.resources[typeUrls.endpoint].get('db')?.version;
    const empty = consumer.snapshot && version(consumer.snapshot);
    const provider = await join('db-1', 'db', '10.0.0.2');
    await snapshotWith(consumer, (snapshot) => version(snapshot) !== empty);
    provider.close();
    await snapshotWith(consumer, (snapshot) => version(snapshot) === empty);
    expect(await stored('db-1')).toBeUndefined();
  });

  it('keeps its Dataplane when it is back in time', async () => {
    world = await relayWorld({ deregistrationDelayMs: 700 });
    (await join('web-1', 'web', '10.0.0.1')).close();
    await join('web-1', 'web', '10.0.0.1');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await stored('web-1')).toBeDefined();
  });

  it('keeps its Dataplane when it went to another relay', async () => {
    world = await relayWorld({ deregistrationDelayMs: 50 });
    const first = await join('web-1', 'web', '10.0.0.1');
    const other = await world.anotherRelay();
    const token = await world.token('web-1');
    await other.open(world.hello('web-1', token, dataplane('web-1', 'web', '10.0.0.1')));
    const insight = () => world.stores.insights.get(defaultTenant, 'default', 'web-1');
    await until(async () => (await insight())?.subscriptions.at(-1)?.controlPlaneInstanceId === 'relay-2');
    first.close();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await stored('web-1')).toBeDefined();
  });

  it('keeps its Dataplane when the relay stops', async () => {
    world = await relayWorld();
    const session = await join('web-1', 'web', '10.0.0.1');
    world.relay.drain();
    session.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await stored('web-1')).toBeDefined();
  });
});

describe('who is refused', () => {
  it.each([
    { what: 'no token', token: async () => undefined, code: 'unauthenticated' },
    { what: 'nonsense', token: async () => 'nonsense', code: 'unauthenticated' },
    { what: 'a token of another name', token: () => world.token('other'), code: 'forbidden' },
    { what: 'a token that has expired', token: () => world.token('web-1', -10_000), code: 'unauthenticated' },
  ])('$what', async ({ token, code }) => {
    world = await relayWorld();
    const hello = world.hello('web-1', await token(), dataplane('web-1', 'web', '10.0.0.1'));
    await expect(world.relay.open(hello)).rejects.toMatchObject({ code });
    expect(await stored('web-1')).toBeUndefined();
  });

  it('a proxy of a mesh that does not exist', async () => {
    world = await relayWorld();
    const hello = { ...world.hello('web-1', await world.token('web-1')), mesh: 'ghost' };
    await expect(world.relay.open(hello)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('a proxy without a Dataplane that was created beforehand', async () => {
    world = await relayWorld();
    const hello = world.hello('web-1', await world.token('web-1'));
    await expect(world.relay.open(hello)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('a token of one service that would take over the Dataplane of another', async () => {
    world = await relayWorld({ deregistrationDelayMs: 60_000 });
    (await join('one', 'bank', '10.0.0.1')).close();
    const thief = await world.tokens.issueDataplane(defaultTenant, {
      claims: { Name: '', Mesh: 'default', Tags: { 'kuma.io/service': ['toys'] }, Type: '', Workload: '' },
      validFor: 3_600_000_000_000n,
    });
    const hello = world.hello('one', thief, dataplane('one', 'toys', '10.0.0.9'));
    await expect(world.relay.open(hello)).rejects.toMatchObject({ code: 'forbidden' });
    expect((await stored('one'))?.spec).toMatchObject({ networking: { address: '10.0.0.1' } });
  });

  it('everybody while the relay drains', async () => {
    world = await relayWorld();
    world.relay.drain();
    const hello = world.hello('web-1', await world.token('web-1'), dataplane('web-1', 'web', '10.0.0.1'));
    await expect(world.relay.open(hello)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('an open stream', () => {
  it('is ended by a newer one of the same proxy', async () => {
    world = await relayWorld();
    const older = await join('web-1', 'web', '10.0.0.1');
    const end = ending(older);
    const newer = await join('web-1', 'web', '10.0.0.1');
    expect((await end).code).toBe('conflict');
    expect(newer.snapshot).toBeDefined();
  });

  it('is ended when its token is revoked', async () => {
    world = await relayWorld();
    const token = await world.token('web-1');
    const session = await world.relay.open(
      world.hello('web-1', token, dataplane('web-1', 'web', '10.0.0.1')),
    );
    const end = ending(session);
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    await put('Secret', 'dataplane-token-revocations-default', secretSpec(jti));
    expect(await end).toMatchObject({ code: 'unauthenticated', message: 'token is revoked' });
  });

  it('is ended when its token expires', async () => {
    world = await relayWorld();
    const token = await world.token('web-1', 2_000);
    const session = await world.relay.open(
      world.hello('web-1', token, dataplane('web-1', 'web', '10.0.0.1')),
    );
    expect(await ending(session)).toMatchObject({ code: 'unauthenticated' });
  });

  it('is ended when its Dataplane is deleted', async () => {
    world = await relayWorld();
    const session = await join('web-1', 'web', '10.0.0.1');
    const end = ending(session);
    const key = { type: 'Dataplane', mesh: 'default', name: 'web-1' };
    await world.stores.resources.commit(defaultTenant, [{ kind: 'delete', key }]);
    expect((await end).code).toBe('not_found');
  });

  it('hears of a change of policy', async () => {
    world = await relayWorld();
    const session = await join('web-1', 'web', '10.0.0.1', ['db']);
    const before = session.snapshot?.resources[typeUrls.cluster].get('db')?.version;
    await put('MeshTimeout', 'a-timeout', {
      targetRef: { kind: 'Mesh' },
      to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '7s' } }],
    });
    await snapshotWith(
      session,
      (snapshot) => snapshot.resources[typeUrls.cluster].get('db')?.version !== before,
    );
  });
});

describe('identities', () => {
  it('come with mTLS, are kept over a reconnection, and are replaced after four fifths of their life', async () => {
    world = await relayWorld({ deregistrationDelayMs: 60_000 });
    const session = await join('web-1', 'web', '10.0.0.1', ['db']);
    expect(names(session.snapshot, 'secret')).toEqual([]);
    await turnMtlsOn();
    const version = (snapshot: Snapshot | undefined) =>
      snapshot?.resources[typeUrls.secret].get('identity_cert:secret:default')?.version;
    const first = version(await snapshotWith(session, (snapshot) => version(snapshot) !== undefined));
    session.close();
    expect(version((await join('web-1', 'web', '10.0.0.1', ['db'])).snapshot)).toBe(first);
    world.pass(20 * 3_600_000);
    const token = await world.token('web-1');
    const later = await world.relay.open(
      world.hello('web-1', token, dataplane('web-1', 'web', '10.0.0.1', ['db'])),
    );
    expect(version(later.snapshot)).not.toBe(first);
  });
});

describe('an identity of short life', () => {
  it('is replaced on the open stream before it ends', async () => {
    world = await relayWorld();
    const session = await join('web-1', 'web', '10.0.0.1', ['db']);
    await turnMtlsOn({ dpCert: { rotation: { expiration: '2s' } } });
    const version = (snapshot: Snapshot) =>
      snapshot.resources[typeUrls.secret].get('identity_cert:secret:default')?.version;
    const first = version(await snapshotWith(session, (snapshot) => version(snapshot) !== undefined));
    const second = version(await snapshotWith(session, (snapshot) => version(snapshot) !== first));
    expect(second).toBeDefined();
  });
});

describe('insights', () => {
  it('tell of streams that open, answer, refuse and close', async () => {
    world = await relayWorld({ deregistrationDelayMs: 60_000 });
    const session = await join('web-1', 'web', '10.0.0.1');
    session.sent(typeUrls.cluster, 3, 100);
    session.acknowledged(typeUrls.cluster, 3);
    session.sent(typeUrls.listener, 4, 100);
    session.rejected(typeUrls.listener, 'no such filter');
    session.close();
    const insight = () => world.stores.insights.get(defaultTenant, 'default', 'web-1');
    await until(async () => (await insight())?.subscriptions[0]?.disconnectTime !== undefined);
    expect((await insight())?.subscriptions).toMatchObject([
      {
        controlPlaneInstanceId: 'relay-1',
        givenRevision: 4,
        acknowledgedRevision: 3,
        stats: {
          cds: { responsesSent: 1, responsesAcknowledged: 1, responsesRejected: 0 },
          lds: { responsesSent: 1, responsesAcknowledged: 0, responsesRejected: 1 },
          total: { responsesSent: 2, responsesAcknowledged: 1, responsesRejected: 1 },
        },
        lastNack: { typeUrl: typeUrls.listener, message: 'no such filter' },
        version: { kumaDp: { version: '2.13.10' } },
      },
    ]);
  });
});
