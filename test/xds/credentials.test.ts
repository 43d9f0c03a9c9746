import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HealthCheckRequestOrEndpointHealthResponseSchema as HealthMessageSchema } from '../../src/envoy/gen/envoy/service/health/v3/hds_pb.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { secretSpec } from '../../src/secrets/secret-data.ts';
import { newSigningKey } from '../../src/tokens/new-signing-key.ts';
import { relayService } from '../../src/xds/server/grpc-service.ts';
import { type AdsClient, connectClient, node, openDelta, openSotw, openStream } from './ads-client.ts';
import { startRelay, type TestRelay } from './relay-fixture.ts';
import { type RelayWorld, relayWorld } from './relay-world.ts';

let world: RelayWorld;
let relay: TestRelay;
let notServed: KumulusError | undefined;
beforeEach(async () => {
  notServed = undefined;
  world = await relayWorld({ whyNotServed: async () => notServed });
  for (const name of ['web-1', 'web-2']) {
    const inbound = [{ port: 80, tags: { 'kuma.io/service': 'web' } }];
    const spec = { networking: { address: '10.0.0.1', inbound } };
    await world.stores.resources.commit(defaultTenant, [
      { kind: 'put', draft: { type: 'Dataplane', mesh: 'default', name, labels: {}, spec } },
    ]);
  }
  relay = await startRelay({ sessions: world.relay, health: world.relay.health });
});
afterEach(() => world.close());

const signingKeyName = 'dataplane-token-signing-key-default-1';

async function putSecret(mesh: string, name: string, contents: string): Promise<void> {
  const type = mesh === '' ? 'GlobalSecret' : 'Secret';
  const draft = { type, mesh, name, labels: {}, spec: secretSpec(contents) };
  await world.stores.resources.commit(defaultTenant, [{ kind: 'put', draft }]);
}

async function deleteSecret(name: string): Promise<void> {
  const key = { type: 'Secret', mesh: 'default', name };
  await world.stores.resources.commit(defaultTenant, [{ kind: 'delete', key }]);
}

function idOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti;
}

/** A stream of configuration that has got its first response. */
async function configured(name: string, token: string, protocol: 'delta' | 'sotw' = 'delta') {
  const open = protocol === 'delta' ? openDelta : openSotw;
  const stream = open(connectClient(relay), token);
  stream.send({ node: node(name), typeUrl: 'type.googleapis.com/envoy.config.cluster.v3.Cluster' });
  await stream.next();
  return stream;
}

/** A stream of health checks that was told what to check. */
async function watched(name: string, token: string): Promise<Pick<AdsClient<unknown, unknown>, 'status'>> {
  const stream = openStream<MessageInitShape<typeof HealthMessageSchema>, Uint8Array>(
    connectClient(relay),
    relayService.StreamHealthCheck.path,
    token,
    (init) => toBinary(HealthMessageSchema, create(HealthMessageSchema, init)),
    (bytes) => bytes,
  );
  const value = { node: node(name, { 'dataplane.admin.port': '9901' }) };
  stream.send({ requestType: { case: 'healthCheckRequest', value } });
  await stream.next();
  return stream;
}

describe('streams of a token that counts no longer', () => {
  it.each<[string, (token: string) => Promise<void> | void, string]>([
    [
      'is revoked in its mesh',
      (token) => putSecret('default', 'dataplane-token-revocations-default', `other,${idOf(token)}`),
      'token is revoked',
    ],
    [
      'is revoked beside the meshes',
      (token) => putSecret('', 'dataplane-token-revocations-default', idOf(token)),
      'token is revoked',
    ],
    ['has lost its key', () => deleteSecret(signingKeyName), 'there is no signing key with KID 1'],
    [
      'has another key under the same name',
      async () => putSecret('default', signingKeyName, (await newSigningKey()).reveal()),
      'there is no signing key with KID 1',
    ],
    ['has come to its end', () => world.pass(3_600_000), 'the token has expired'],
  ])('end when it %s', async (_, act, reason) => {
    const token = await world.token('web-1');
    const streams = [
      await configured('web-1', token, 'delta'),
      await watched('web-1', token),
      await configured('web-2', await world.token('web-2', 60_000_000)),
    ];
    await act(token);
    const ends = await Promise.all(streams.slice(0, 2).map((stream) => stream.status));
    for (const { code, details } of ends) {
      expect([code, details]).toEqual([status.UNAUTHENTICATED, expect.stringContaining(reason)]);
    }
    const again = openSotw(connectClient(relay), token);
    again.send({ node: node('web-1'), typeUrl: 'type.googleapis.com/envoy.config.cluster.v3.Cluster' });
    expect((await again.status).code).toBe(status.UNAUTHENTICATED);
  });

  it('leave those of other tokens alone', async () => {
    const token = await world.token('web-1');
    const revoked = await configured('web-1', token, 'sotw');
    const other = openDelta(connectClient(relay), await world.token('web-2'));
    const clusters = { node: node('web-2'), typeUrl: 'type.googleapis.com/envoy.config.cluster.v3.Cluster' };
    other.send(clusters);
    other.send({ ...clusters, responseNonce: (await other.next()).nonce });
    let ended = false;
    void other.status.then(() => {
      ended = true;
    });
    await putSecret('', 'dataplane-token-revocations-default', idOf(token));
    expect((await revoked.status).code).toBe(status.UNAUTHENTICATED);
    // The neighbour answers still, so it has outlived the check of all.
    other.send({ typeUrl: 'type.googleapis.com/envoy.config.listener.v3.Listener' });
    await other.next();
    expect(ended).toBe(false);
  });

  it('end when the public key of who signed it is taken away', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
    const name = 'dataplane-token-signing-public-key-default-far';
    await putSecret('default', name, pem);
    const token = await new SignJWT({ Mesh: 'default', Name: 'web-1' })
      .setProtectedHeader({ alg: 'RS256', kid: 'far' })
      .setExpirationTime('1h')
      .sign(privateKey);
    const stream = await configured('web-1', token);
    await deleteSecret(name);
    expect(await stream.status).toMatchObject({ code: status.UNAUTHENTICATED });
  });
});

it('streams of a tenant that is served no more end', async () => {
  const stream = await configured('web-1', await world.token('web-1'));
  notServed = new KumulusError('forbidden', 'this control plane is suspended');
  expect(await stream.status).toMatchObject({
    code: status.PERMISSION_DENIED,
    details: expect.stringContaining('suspended'),
  });
});
