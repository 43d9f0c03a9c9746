import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { HealthSession } from '../../src/xds/health/health-session.ts';
import { dataplane, metadata, type RelayWorld, relayWorld } from './relay-world.ts';

let world: RelayWorld;
let token: string;

beforeEach(async () => {
  world = await relayWorld({ deregistrationDelayMs: 60_000 });
  onTestFinished(world.close);
  token = await world.token('web');
});

/** The stream of `web` that configures it, which brings its Dataplane along. */
const connect = () => world.relay.open(world.hello('web', token, dataplane('web', 'web', '10.0.0.1')));

/** A stream of health checks, with what it is told in the order in which it is told. */
async function attend(withToken = token): Promise<{ session: HealthSession; told: string[] }> {
  const hello = { ...world.hello('web', withToken), metadata };
  const session = await world.relay.health.open(hello);
  const told: string[] = [];
  session.onEnd((reason) => told.push(reason.code));
  session.onDataplane(({ networking }) => told.push(networking?.address ?? ''));
  return { session, told };
}

describe('of the health checks of one proxy', () => {
  it('the newest stream wins, and the older one is told', async () => {
    await connect();
    const older = await attend();
    const newer = await attend();
    expect(older.told).toEqual(['10.0.0.1', 'conflict']);
    expect(newer.told).toEqual(['10.0.0.1']);
    older.session.close();
    // The newer one has the place still.
    const newest = await attend();
    expect(newer.told).toEqual(['10.0.0.1', 'conflict']);
    newest.session.close();
    expect((await attend()).told).toEqual(['10.0.0.1']);
  });

  it('no more than a few take over at once, and one more after a while', async () => {
    await connect();
    let holder = await attend();
    for (let round = 0; round < 5; round += 1) {
      const next = await attend();
      expect(holder.told).toEqual(['10.0.0.1', 'conflict']);
      holder = next;
    }
    expect((await attend()).told).toEqual(['unavailable']);
    expect(holder.told).toEqual(['10.0.0.1']);
    world.pass(10_000);
    expect((await attend()).told).toEqual(['10.0.0.1']);
    expect(holder.told).toEqual(['10.0.0.1', 'conflict']);
  });

  it('none is ended by who may not manage the proxy', async () => {
    await connect();
    const own = await attend();
    expect((await attend(await world.token('other'))).told).toEqual(['forbidden']);
    expect(own.told).toEqual(['10.0.0.1']);
  });

  it('the last one is left where several came before the Dataplane', async () => {
    const streams = [await attend(), await attend(), await attend()];
    expect(streams.map(({ told }) => told)).toEqual([[], [], []]);
    await connect();
    await expect
      .poll(() => streams.map(({ told }) => told))
      .toEqual([['10.0.0.1', 'conflict'], ['10.0.0.1', 'conflict'], ['10.0.0.1']]);
  });
});
