import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { connectClient, node, openDelta, openSotw } from './ads-client.ts';
import { assignment, cluster, createSessions, listener, snapshotOf, startRelay } from './relay-fixture.ts';

const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name).sort();

describe('the incremental protocol', () => {
  it('serves clusters, endpoints, then listeners, and tells the session', async () => {
    const first = snapshotOf(7, [cluster('a'), cluster('b'), assignment('a'), listener('in')]);
    const sessions = createSessions(() => first);
    const relay = await startRelay({ sessions });
    const stream = openDelta(connectClient(relay), 'a-token');
    stream.send({ node: node('web-1', { 'dataplane.resource': '{}' }), typeUrl: typeUrls.cluster });
    stream.send({ typeUrl: typeUrls.listener });
    const clusters = await stream.next();
    expect(clusters.typeUrl).toBe(typeUrls.cluster);
    expect(names(clusters.resources)).toEqual(['a', 'b']);
    stream.send({ typeUrl: typeUrls.endpoint, resourceNamesSubscribe: ['a'] });
    const endpoints = await stream.next();
    expect(endpoints.typeUrl).toBe(typeUrls.endpoint);
    stream.send({ typeUrl: typeUrls.cluster, responseNonce: clusters.nonce });
    const listeners = await stream.next();
    expect(names(listeners.resources)).toEqual(['in']);
    const session = await sessions.of('web-1');
    expect(session.hello).toMatchObject({
      tenant: 'default',
      token: 'a-token',
      mesh: 'default',
      name: 'web-1',
      dataplaneResource: '{}',
      protocol: 'delta',
    });
    await expect
      .poll(() => session.told)
      .toEqual([
        ['sent', typeUrls.cluster, 7],
        ['sent', typeUrls.endpoint, 7],
        ['acknowledged', typeUrls.cluster, 7],
        ['sent', typeUrls.listener, 7],
      ]);
    stream.close();
    await session.closed;
    expect((await stream.status).code).toBe(status.CANCELLED);
  });
});

describe('the state-of-the-world protocol', () => {
  it('serves the same', async () => {
    const sessions = createSessions(() => snapshotOf(1, [cluster('a'), listener('in')]));
    const relay = await startRelay({ sessions });
    const stream = openSotw(connectClient(relay));
    stream.send({ node: node('web-1'), typeUrl: typeUrls.cluster });
    const clusters = await stream.next();
    expect(clusters.resources).toHaveLength(1);
    stream.send({
      typeUrl: typeUrls.cluster,
      responseNonce: clusters.nonce,
      versionInfo: clusters.versionInfo,
    });
    stream.send({ typeUrl: typeUrls.listener });
    expect((await stream.next()).typeUrl).toBe(typeUrls.listener);
    stream.close();
    await stream.status;
  });
});
