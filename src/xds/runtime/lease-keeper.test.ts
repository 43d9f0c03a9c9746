import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silentLogger } from '../../model/ports.ts';
import { createLeaseKeeper } from './lease-keeper.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A keeper on a table that can be out of reach; the lease lives for 60 s and the idle timeout is four minutes. */
async function start() {
  let isOut = false;
  const calls: string[] = [];
  const told: (number | undefined)[] = [];
  let revivals = 0;
  const write = async (what: string) => {
    if (isOut) {
      throw new Error('out of reach');
    }
    calls.push(`${what} ${Date.now() - begin}`);
  };
  const begin = Date.now();
  const keeper = await createLeaseKeeper({
    relay: 'relay',
    leases: {
      renew: (_, milliseconds) => write(`renew for ${milliseconds} at`),
      release: () => write('release at'),
      list: () => Promise.resolve([]),
      dead: () => Promise.resolve([]),
      bury: () => Promise.resolve(),
    },
    clock: Date.now,
    logger: silentLogger,
    telemetry: { leaseRenewed: (expires) => told.push(expires && expires - begin) },
    idleTimeoutMs: 240_000,
    onRevival: () => (revivals += 1),
  });
  return {
    keeper,
    calls,
    told,
    revivals: () => revivals,
    reach(there: boolean) {
      isOut = !there;
    },
  };
}

it('renews three times in the life of a lease, and gives it up', async () => {
  const { keeper, calls, told, revivals } = await start();
  await vi.advanceTimersByTimeAsync(40_000);
  expect(calls).toEqual(['renew for 60000 at 0', 'renew for 60000 at 20000', 'renew for 60000 at 40000']);
  expect(told).toEqual([60_000, 80_000, 100_000]);
  await keeper.release();
  await vi.advanceTimersByTimeAsync(240_000);
  expect(calls.at(-1)).toBe('release at 40000');
  expect(revivals()).toBe(0);
});

it('does not think itself alive when the lease has run out, tries every second, and is alive again', async () => {
  const { keeper, calls, revivals, reach } = await start();
  reach(false);
  await vi.advanceTimersByTimeAsync(59_999);
  expect(keeper.isAlive()).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect(keeper.isAlive()).toBe(false);
  await vi.advanceTimersByTimeAsync(5_000);
  reach(true);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(keeper.isAlive()).toBe(true);
  expect(calls.at(-1)).toBe('renew for 60000 at 66000');
  // Nobody can have taken it for dead.
  expect(revivals()).toBe(0);
  await keeper.release();
});

it('says so once when it comes back after it may have been taken for dead', async () => {
  const { keeper, revivals, reach } = await start();
  reach(false);
  await vi.advanceTimersByTimeAsync(120_000);
  reach(true);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(revivals()).toBe(1);
  await keeper.release();
});
