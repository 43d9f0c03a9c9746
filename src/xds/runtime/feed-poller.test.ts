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
  const world = { held: 1, hints: [] as Hint[], isBroken: false };
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
    onHint({ mesh }) {
      heard.push(mesh);
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
  it('polls ten times a second while meshes are held, and once while none is', async () => {
    const world = createWorld();
    await world.pollsIn(500);
    expect(await world.pollsIn(10_000)).toBe(100);
    world.held = 0;
    await world.pollsIn(1_000);
    expect(await world.pollsIn(10_000)).toBe(10);
    world.poller.stop();
    expect(await world.pollsIn(10_000)).toBe(0);
  });

  it('polls twice as fast for five seconds after a change of what is held', async () => {
    const world = createWorld();
    await world.pollsIn(1_000);
    world.hints.push(hint('held'), hint('held 2'), hint('other'));
    await world.pollsIn(100);
    expect(world.heard).toStrictEqual(['held', 'held 2', 'other']);
    expect(await world.pollsIn(4_800)).toBe(96);
    await world.pollsIn(200);
    expect(await world.pollsIn(10_000)).toBe(100);
  });

  it('keeps its pace while others change', async () => {
    const world = createWorld();
    await world.pollsIn(500);
    for (let second = 0; second < 10; second += 1) {
      world.hints.push(hint('other'));
      expect(await world.pollsIn(1_000)).toBe(10);
    }
    expect(world.heard).toHaveLength(10);
  });

  it('does not keep step with other relays', async () => {
    const [early, late] = [createWorld(0), createWorld(0.75)];
    await vi.advanceTimersByTimeAsync(450);
    expect(early.polls.slice(0, 4)).toStrictEqual([0, 80, 160, 240]);
    expect(late.polls.slice(0, 4)).toStrictEqual([0, 110, 220, 330]);
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
    await world.pollsIn(6_000);
    expect(await world.pollsIn(1_000)).toBe(10);
  });
});
