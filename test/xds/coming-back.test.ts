import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it, vi } from 'vitest';
import { defaultTenant } from '../../src/model/tenant.ts';
import { dataplane, type RelayWorld, relayWorld } from './relay-world.ts';

let world: RelayWorld;
afterEach(() => world.close());

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  expect(collect).toBeTypeOf('function');
  if (typeof collect === 'function') {
    collect();
  }
}

it('a proxy that comes back soon is given what it had, and nothing is compiled', async () => {
  world = await relayWorld({ deregistrationDelayMs: 60_000 });
  const token = await world.token('web');
  const hello = () => world.hello('web', token, dataplane('web', 'web', '10.0.0.1', ['backend']));
  /** Nothing but the relay is left to hold the first snapshot. */
  const come = async () => {
    const session = await world.relay.open(hello());
    const { snapshot } = session;
    session.close();
    if (snapshot === undefined) {
      throw new Error('a session that was opened has a snapshot');
    }
    return new WeakRef(snapshot);
  };
  const first = await come();
  await vi.waitFor(async () => {
    const insight = await world.stores.insights.get(defaultTenant, 'default', 'web');
    expect(
      insight?.subscriptions.at(-1)?.disconnectTime,
      'the end of the first stream is written',
    ).toBeDefined();
  });
  await turn();
  collectGarbage();
  const again = await world.relay.open(hello());
  expect(again.snapshot).toBeDefined();
  expect(first.deref()).toBe(again.snapshot);
  again.close();
});
