import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import type { RelayProgress } from '../../src/store/propagation.ts';
import type { Relay } from '../../src/xds/runtime/relay.ts';
import type { ProxySession } from '../../src/xds/session.ts';
import { dataplane, type RelayWorld, relayWorld } from './relay-world.ts';

let world: RelayWorld;
beforeEach(async () => {
  world = await relayWorld({ deregistrationDelayMs: 60_000 });
});
afterEach(() => world.close());

/** A proxy that takes whatever it is given, unless it is told not to. */
interface Proxy {
  readonly session: ProxySession;
  answers: boolean;
}

async function join(
  relay: Relay,
  name: string,
  service: string,
  consumes: readonly string[] = [],
): Promise<Proxy> {
  const document = dataplane(name, service, '10.0.0.1', consumes);
  const session = await relay.open(world.hello(name, await world.token(name), document));
  const proxy: Proxy = { session, answers: true };
  session.onSnapshot(({ revision }) => {
    if (proxy.answers) {
      session.completed(revision);
      session.answered(revision, []);
    }
  });
  return proxy;
}

async function commit(name: string, spec: object): Promise<number> {
  const { revisions } = await world.stores.resources.commit(defaultTenant, [
    { kind: 'put', draft: { type: 'MeshTimeout', mesh: 'default', name, labels: {}, spec } },
  ]);
  return revisions.get('default') ?? 0;
}

const timeout = (seconds: number) => ({
  targetRef: { kind: 'Mesh' },
  to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: `${seconds}s` } }],
});

/** Resolves with what a relay has written, once it is so. */
async function written(
  relay: string,
  condition: (progress: RelayProgress) => boolean,
): Promise<RelayProgress> {
  const { propagation } = world.stores;
  for (;;) {
    const next = new Promise<void>((resolve) => {
      const stop = propagation.onWrite(() => {
        stop();
        resolve();
      });
    });
    const found = (await propagation.read(defaultTenant, 'default'))?.relays.get(relay);
    if (found !== undefined && condition(found)) {
      return found;
    }
    await next;
  }
}

describe('how far a revision has got', () => {
  it('is told by each relay for its own proxies, be they touched by it or not', async () => {
    const other = await world.anotherRelay();
    await join(world.relay, 'web-1', 'web', ['db']);
    await join(other, 'db-1', 'db');
    await join(other, 'cron-1', 'cron');
    const revision = await commit('a-slow', timeout(3));
    const has = ({ told, behind }: RelayProgress) => told >= revision && behind.length === 0;
    expect((await written('relay-1', has)).proxies).toBe(1);
    expect((await written('relay-2', has)).proxies).toBe(2);
  });

  it('names who has not answered, and who refuses until a change mends it', async () => {
    const web = await join(world.relay, 'web-1', 'web', ['db']);
    await join(world.relay, 'cron-1', 'cron');
    const before = await commit('a-slow', timeout(3));
    await written('relay-1', ({ told, behind }) => told >= before && behind.length === 0);
    web.answers = false;
    const revision = await commit('a-slow', timeout(4));
    const waiting = await written('relay-1', ({ told, behind }) => told >= revision && behind.length > 0);
    expect(waiting).toMatchObject({
      proxies: 2,
      behind: [{ proxies: 1, failed: 0 }],
      named: [{ name: 'web-1', given: revision, reason: 'not_acknowledged' }],
    });
    expect(waiting.named[0]?.has).toBeLessThan(revision);
    expect(waiting.named[0]?.has).toBeGreaterThanOrEqual(before);
    web.session.rejected(typeUrls.listener, 'no such filter');
    web.session.answered(revision, [typeUrls.listener]);
    const refused = await written('relay-1', ({ behind }) => behind[0]?.failed === 1);
    expect(refused.named).toMatchObject([
      { name: 'web-1', reason: 'refused', typeUrl: typeUrls.listener, message: 'no such filter' },
    ]);
    web.answers = true;
    const mended = await commit('a-slow', timeout(3));
    await written('relay-1', ({ told, behind }) => told >= mended && behind.length === 0);
  });

  it('is taken away with the last proxy, and by a relay that stops', async () => {
    const other = await world.anotherRelay();
    const web = await join(world.relay, 'web-1', 'web');
    await join(other, 'db-1', 'db');
    await written('relay-1', ({ proxies }) => proxies === 1);
    await written('relay-2', ({ proxies }) => proxies === 1);
    const gone = new Promise<void>((resolve) => {
      const { propagation } = world.stores;
      const stop = propagation.onWrite(async () => {
        if ((await propagation.read(defaultTenant, 'default'))?.relays.has('relay-1') === false) {
          stop();
          resolve();
        }
      });
    });
    web.session.close();
    await gone;
    await other.stop();
    expect((await world.stores.propagation.read(defaultTenant, 'default'))?.relays).toEqual(new Map());
  });
});
