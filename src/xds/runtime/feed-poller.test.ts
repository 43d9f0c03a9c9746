import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../model/ports.ts';
import { tenantId } from '../../model/tenant.ts';
import type { Hint } from '../../store/feed.ts';
import { createFeedPoller } from './feed-poller.ts';

const hint = (mesh: string): Hint => ({ tenant: tenantId('acme'), mesh, revision: 1 });
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A poller in time that the test makes pass, over a feed that it fills. */
function createWorld(random = 0.5) {
  const start = performance.now();
  const polls: number[] = [];
  const heard: string[] = [];
  const world = { held: 1, hints: [] as Hint[], isBroken: false, isTold: false, onHeard: () => {} };
  const poller = createFeedPoller({
    feed: {
      publish: async () => {},
      follow: () => ({
        async read() {
          polls.push(performance.now() - start);
          if (world.isBroken) {
            throw new Error('the table is gone');
          }
          return world.hints.splice(0);
        },
      }),
    },
    held: () => world.held,
    isTold: () => world.isTold,
    onHint({ mesh }) {
      heard.push(mesh);
      world.onHeard();
      return mesh.startsWith('held');
    },
    logger: silentLogger,
    random: () => random,
  });
  /** How many polls there are in so many milliseconds. */
  const pollsIn = async (ms: number) => {
    const before = polls.length;
    await vi.advanceTimersByTimeAsync(ms);
    return polls.length - before;
  };
  return Object.assign(world, { poller, polls, heard, pollsIn });
}

describe('the poller of the feed', () => {
  it('polls four times a second while meshes are held and all is quiet, and once while none is', async () => {
    const world = createWorld();
    await world.pollsIn(500);
    expect(await world.pollsIn(10_000)).toBe(40);
    world.held = 0;
    await world.pollsIn(1_000);
    expect(await world.pollsIn(10_000)).toBe(10);
    world.poller.stop();
    expect(await world.pollsIn(10_000)).toBe(0);
  });

  it('polls twenty times a second after a change of what is held, and ever more slowly when no other comes', async () => {
    const world = createWorld();
    await world.pollsIn(1_000);
    world.hints.push(hint('held'), hint('held 2'), hint('other'));
    await world.pollsIn(250);
    expect(world.heard).toStrictEqual(['held', 'held 2', 'other']);
    const bySecond: number[] = [];
    for (let second = 0; second < 15; second += 1) {
      bySecond.push(await world.pollsIn(1_000));
    }
    expect(bySecond.slice(0, 2)).toStrictEqual([20, 20]);
    expect(bySecond).toStrictEqual(bySecond.toSorted((a, b) => b - a));
    expect(bySecond.slice(13)).toStrictEqual([4, 4]);
  });

  it('polls for a change after a silence within a fiftieth of that', async () => {
    const world = createWorld();
    world.hints.push(hint('held'));
    await world.pollsIn(6_000);
    // The first finds nothing yet, the second one the change.
    const [, changed = 0, ...later] = world.polls;
    expect(later.length).toBeGreaterThan(80);
    later.reduce((before, at) => {
      expect(at - before).toBeLessThanOrEqual(Math.max(50, (before - changed) / 50 + 1));
      return at;
    }, changed);
  });

  it('stays at its fastest while what is held goes on changing', async () => {
    const world = createWorld();
    for (let second = 0; second < 10; second += 1) {
      world.hints.push(hint('held'));
      await world.pollsIn(1_000);
    }
    expect(await world.pollsIn(1_000)).toBe(20);
  });

  it('keeps its pace while others change', async () => {
    const world = createWorld();
    await world.pollsIn(500);
    for (let second = 0; second < 10; second += 1) {
      world.hints.push(hint('other'));
      expect(await world.pollsIn(1_000)).toBe(4);
    }
    expect(world.heard).toHaveLength(10);
  });

  it('does not keep step with other relays', async () => {
    const [early, late] = [createWorld(0), createWorld(0.75)];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(early.polls.slice(0, 4)).toStrictEqual([0, 200, 400, 600]);
    expect(late.polls.slice(0, 4)).toStrictEqual([0, 275, 550, 825]);
  });

  it('polls a table that is gone ever more slowly, and at its pace again once it is back', async () => {
    const world = createWorld();
    world.isBroken = true;
    await world.pollsIn(100);
    expect(await world.pollsIn(60_000)).toBeLessThanOrEqual(16);
    world.isBroken = false;
    world.hints.push(hint('held'));
    await world.pollsIn(5_000);
    expect(world.heard).toStrictEqual(['held']);
    await world.pollsIn(15_000);
    expect(await world.pollsIn(1_000)).toBe(4);
  });

  it.each([1, 0])('polls every ten seconds while it is told otherwise, with %i meshes', async (held) => {
    const world = createWorld();
    Object.assign(world, { held, isTold: true });
    await world.pollsIn(2_000);
    expect(await world.pollsIn(60_000)).toBe(6);
    world.hints.push(hint('held'));
    expect(await world.pollsIn(60_000)).toBe(6);
    expect(world.heard).toStrictEqual(['held']);
    world.poller.stop();
  });

  it('polls at once when it cannot rely upon being told any more, and at its own pace', async () => {
    const world = createWorld();
    world.isTold = true;
    await world.pollsIn(6_000);
    world.isTold = false;
    const before = world.polls.length;
    world.poller.hurry();
    expect(world.polls.length).toBe(before + 1);
    await world.pollsIn(0);
    expect(await world.pollsIn(10_000)).toBe(40);
    world.poller.stop();
    world.poller.hurry();
    expect(await world.pollsIn(10_000)).toBe(0);
  });

  it('polls once more where it is told to hurry by what a poll found', async () => {
    const world = createWorld();
    world.isTold = true;
    await world.pollsIn(1_000);
    world.onHeard = () => world.poller.hurry();
    world.hints.push(hint('held'));
    await world.pollsIn(11_000);
    const [found = 0, again = 0] = world.polls.slice(-2);
    expect(world.polls).toHaveLength(3);
    expect(again - found).toBeLessThan(2);
    world.poller.stop();
  });

  it('does not hurry a table that is gone', async () => {
    const world = createWorld();
    world.isBroken = true;
    await world.pollsIn(10_000);
    const before = world.polls.length;
    world.poller.hurry();
    expect(world.polls.length).toBe(before);
    world.poller.stop();
  });
});
