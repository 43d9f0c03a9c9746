import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../model/ports.ts';
import { tenantId } from '../../model/tenant.ts';
import type { Scope } from '../../store/resource-store.ts';
import { createHeadCheck } from './head-check.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A check of so many meshes, each of which is at the revision that its name says. */
function createWorld(count: number, isTold = false) {
  const seen: string[] = [];
  const requests: number[] = [];
  const world = { isBroken: false };
  const check = createHeadCheck({
    resources: {
      async revisions(scopes: readonly Scope[]) {
        requests.push(scopes.length);
        if (world.isBroken) {
          throw new Error('the table is gone');
        }
        return scopes.map(({ mesh }) => Number(mesh));
      },
    },
    isTold: () => isTold,
    held: () =>
      Array.from({ length: count }, (_, number) => ({
        tenant: tenantId(`t-${number % 7}`),
        mesh: String(number),
        headSeen: (revision) => void seen.push(`${number} ${revision}`),
      })),
    logger: silentLogger,
  });
  return Object.assign(world, { check, seen, requests });
}

describe('the check of the heads', () => {
  it.each([
    [1, 5_000],
    [10, 30_000],
    [20, 60_000],
    [1_000, 60_000],
    [1, 10_000, true],
    [20, 120_000, true],
  ])(
    'of %i histories comes every %i ms (told beside the feed: %s)',
    async (count, pauseMs, isTold = false) => {
      const { check, seen } = createWorld(count, isTold);
      await vi.advanceTimersByTimeAsync(pauseMs - 1);
      expect(seen).toHaveLength(0);
      await vi.advanceTimersByTimeAsync(1);
      expect(seen).toHaveLength(count);
      expect(seen.every((text) => new Set(text.split(' ')).size === 1)).toBe(true);
      await vi.advanceTimersByTimeAsync(pauseMs);
      expect(seen).toHaveLength(2 * count);
      check.stop();
      await vi.advanceTimersByTimeAsync(pauseMs);
      expect(seen).toHaveLength(2 * count);
    },
  );

  it('asks for a hundred at once', async () => {
    const { requests } = createWorld(250);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests).toStrictEqual([100, 100, 50]);
  });

  it('goes on after a failure, and asks nothing where nothing is held', async () => {
    const world = createWorld(1);
    world.isBroken = true;
    await vi.advanceTimersByTimeAsync(5_000);
    world.isBroken = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(world.seen).toStrictEqual(['0 0']);
    const { requests } = createWorld(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests).toStrictEqual([]);
  });
});
