import { describe, expect, it } from 'vitest';
import { isKumulusError } from '../../model/errors.ts';
import { tenantId } from '../../model/tenant.ts';
import { createFairScheduler, type FairFlow } from './fair-scheduler.ts';

const [acme, globex, initech] = ['acme', 'globex', 'initech'].map(tenantId);
if (acme === undefined || globex === undefined || initech === undefined) {
  throw new Error('there are three');
}

/** A scheduler whose time is what steps take, and whose turns end when the test says so. */
function createWorld(options: { turnMs?: number; sliceMs?: number } = {}) {
  let now = 0;
  let turns: (() => void)[] = [];
  const log: string[] = [];
  const waited: number[] = [];
  let length = () => 0;
  const scheduler = createFairScheduler({
    turnMs: 4,
    sliceMs: 2,
    ...options,
    now: () => now,
    nextTurn: (work) => void turns.push(work),
    telemetry: {
      queue(_, ask) {
        length = ask;
        return () => {
          length = () => -1;
        };
      },
      waited: (_, ms) => void waited.push(ms),
    },
  });
  return {
    scheduler,
    log,
    waited,
    waiting: () => length(),
    now: () => now,
    /** Ends the turn; whatever else the event loop had to do took so long. */
    turn(elsewhereMs = 0) {
      now += elsewhereMs;
      const due = turns;
      turns = [];
      for (const work of due) {
        work();
      }
    },
    isIdle: () => turns.length === 0,
    /** Work of so many steps, each of which takes so long and is noted. */
    work(flow: FairFlow, name: string, steps: number, ms = 1): Promise<void> {
      let left = steps;
      return flow.run(() => {
        now += ms;
        left -= 1;
        log.push(name);
        return left === 0;
      });
    },
  };
}

/** How often each name comes. */
function shares(log: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of log) {
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('the scheduler', () => {
  it('does little work at once', async () => {
    const world = createWorld();
    const flow = world.scheduler.flow(acme);
    const done = world.work(flow, 'a', 3);
    expect(world.log).toStrictEqual(['a', 'a', 'a']);
    await done;
    expect(flow.spentMs).toBe(3);
    expect(world.waiting()).toBe(0);
  });

  it('gives the event loop back after the time of a turn, however much there is to do', async () => {
    const world = createWorld();
    const done = world.work(world.scheduler.flow(acme), 'a', 11);
    const after: number[] = [];
    while (!world.isIdle()) {
      after.push(world.log.length);
      world.turn();
    }
    expect(after).toStrictEqual([4, 8, 11]);
    await done;
  });

  it('counts what was done in a turn before: two callers share its time', () => {
    const world = createWorld();
    void world.work(world.scheduler.flow(acme), 'a', 3);
    void world.work(world.scheduler.flow(globex), 'g', 3);
    expect(world.log).toStrictEqual(['a', 'a', 'a', 'g']);
    world.turn();
    expect(world.log).toHaveLength(6);
  });

  it('serves who was quiet before anybody who is busy, within one turn', async () => {
    const world = createWorld();
    for (const tenant of [acme, globex]) {
      for (let mesh = 0; mesh < 50; mesh += 1) {
        void world.work(world.scheduler.flow(tenant), `${tenant} ${mesh}`, 1_000);
      }
    }
    for (let turns = 0; turns < 500; turns += 1) {
      world.turn();
    }
    const quiet = world.scheduler.flow(initech);
    const before = world.log.length;
    const done = world.work(quiet, 'quiet', 2);
    world.turn();
    expect(world.log.slice(before).slice(0, 4)).toContain('quiet');
    world.turn();
    await done;
    expect(world.log.length - before).toBeLessThanOrEqual(8);
  });

  it('gives tenants the same share, however many meshes they have', () => {
    const world = createWorld();
    void world.work(world.scheduler.flow(acme), 'acme', 10_000);
    for (let mesh = 0; mesh < 9; mesh += 1) {
      void world.work(world.scheduler.flow(globex), 'globex', 10_000);
    }
    for (let turns = 0; turns < 500; turns += 1) {
      world.turn();
    }
    const { acme: one = 0, globex: other = 0 } = shares(world.log);
    expect(Math.abs(one - other)).toBeLessThanOrEqual(4);
  });

  it('gives meshes of a tenant the same share by time, not by steps', () => {
    const world = createWorld();
    const [cheap, dear] = [world.scheduler.flow(acme), world.scheduler.flow(acme)];
    void world.work(cheap, 'cheap', 10_000, 0.5);
    void world.work(dear, 'dear', 10_000, 10);
    for (let turns = 0; turns < 400; turns += 1) {
      world.turn();
    }
    expect(Math.abs(cheap.spentMs - dear.spentMs)).toBeLessThanOrEqual(12);
    expect(dear.spentMs).toBeGreaterThan(1_000);
  });

  it('lets nobody save up time while idle', () => {
    const world = createWorld();
    const [busy, lazy] = [world.scheduler.flow(acme), world.scheduler.flow(globex)];
    void world.work(busy, 'busy', 10_000);
    for (let turns = 0; turns < 100; turns += 1) {
      world.turn();
    }
    const before = world.log.length;
    void world.work(lazy, 'lazy', 10_000);
    for (let turns = 0; turns < 100; turns += 1) {
      world.turn();
    }
    const { busy: one = 0, lazy: other = 0 } = shares(world.log.slice(before));
    expect(Math.abs(one - other)).toBeLessThanOrEqual(4);
  });

  it('bounds how long a quiet mesh waits while others change without pause', () => {
    const world = createWorld();
    const noisy = Array.from({ length: 20 }, () => world.scheduler.flow(acme));
    const again = (flow: FairFlow): void => void world.work(flow, 'noisy', 300, 0.3).then(() => again(flow));
    noisy.forEach(again);
    const quiet = world.scheduler.flow(globex);
    for (let round = 0; round < 50; round += 1) {
      world.turn(5);
      world.turn(5);
      const asked = world.now();
      void world.work(quiet, 'quiet', 10, 0.3);
      let turns = 0;
      while (shares(world.log).quiet !== 10 * (round + 1)) {
        world.turn(5);
        turns += 1;
        expect(turns).toBeLessThan(6);
      }
      expect(world.now() - asked).toBeLessThan(50);
    }
  });

  it('lets tasks of one mesh take turns: who joins does not wait for a round', async () => {
    const world = createWorld();
    const flow = world.scheduler.flow(acme);
    void world.work(flow, 'round', 1_000);
    const join = world.work(flow, 'join', 1);
    world.turn();
    expect(world.log.slice(0, 7)).toContain('join');
    await join;
  });

  it('hands on what a step throws, and goes on with the others', async () => {
    const world = createWorld();
    const flow = world.scheduler.flow(acme);
    const failing = flow.run(() => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await world.work(flow, 'a', 1);
    expect(world.log).toStrictEqual(['a']);
  });

  it('takes work that a step hands in after that step', async () => {
    const world = createWorld();
    const flow = world.scheduler.flow(acme);
    let inner: Promise<void> | undefined;
    await flow.run(() => {
      inner = world.work(flow, 'inner', 1);
      world.log.push('outer');
      return true;
    });
    await inner;
    expect(world.log).toStrictEqual(['outer', 'inner']);
  });

  it('drops what a flow still has to do when it is closed, by a step of its own too', async () => {
    const world = createWorld();
    const [flow, other] = [world.scheduler.flow(acme), world.scheduler.flow(acme)];
    const long = world.work(flow, 'long', 1_000).catch((error: unknown) => error);
    const closing = flow
      .run(() => {
        flow.close();
        return false;
      })
      .catch((error: unknown) => error);
    world.turn();
    for (const error of [
      await long,
      await closing,
      await flow.run(() => true).catch((late: unknown) => late),
    ]) {
      expect(isKumulusError(error, 'unavailable')).toBe(true);
    }
    expect(world.waiting()).toBe(0);
    world.turn();
    const done = world.work(other, 'other', 1);
    world.turn();
    await done;
    flow.close();
    other.close();
  });

  it('tells how many wait and for how long', () => {
    const world = createWorld();
    const flow = world.scheduler.flow(acme);
    void world.work(flow, 'a', 20);
    void world.work(flow, 'b', 1);
    expect(world.waiting()).toBe(2);
    world.turn(7);
    expect(world.waited).toStrictEqual([0, 9]);
    expect(world.waiting()).toBe(1);
    world.scheduler.stop();
    expect(world.waiting()).toBe(-1);
  });

  it('works in real time, too', async () => {
    const flow = createFairScheduler().flow(acme);
    let steps = 0;
    await flow.run(() => {
      steps += 1;
      return steps === 10_000;
    });
    expect(steps).toBe(10_000);
  });
});
