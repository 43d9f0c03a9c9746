import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../model/ports.ts';
import { tenantId } from '../../model/tenant.ts';
import { createInsightGroups } from './insight-groups.ts';
import type { StreamEntry } from './stream-entry.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tenant = tenantId('acme');
const entryOf = (name: string): StreamEntry => ({
  start: { tenant, mesh: 'default', name, subscriptionId: name, version: undefined },
  stats: new Map(),
  subscriptionId: name,
  connectTime: '',
  began: '',
  refused: new Set(),
  mtls: undefined,
  written: false,
});

/** Groups with news within 500 ms and counters within 10 s; what is written is noted with its time. */
function createWorld() {
  const written: string[] = [];
  const start = performance.now();
  const state = { isGone: false };
  const groups = createInsightGroups({
    async write({ start: { name } }) {
      if (state.isGone) {
        throw new Error('the table is gone');
      }
      written.push(`${name} ${performance.now() - start}`);
    },
    logger: silentLogger,
    soonMs: 500,
    laterMs: () => 10_000,
    maxUnwritten: 10,
  });
  return { groups, written, state };
}

describe('insights that wait to be written', () => {
  it('are written when they are due: counters do not go along with the news of others', async () => {
    const { groups, written } = createWorld();
    const [quiet, lively] = [entryOf('quiet'), entryOf('lively')];
    groups.touch(quiet, 'counters');
    groups.touch(lively, 'news');
    await vi.advanceTimersByTimeAsync(2_000);
    groups.touch(quiet, 'counters');
    groups.touch(lively, 'news');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(written).toStrictEqual(['lively 500', 'lively 2500', 'quiet 10000']);
  });

  it('are written once where an entry has both', async () => {
    const { groups, written } = createWorld();
    const entry = entryOf('web');
    groups.touch(entry, 'counters');
    groups.touch(entry, 'news');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(written).toStrictEqual(['web 500']);
  });

  it('are written at once by a flush, and no more afterwards', async () => {
    const { groups, written } = createWorld();
    groups.touch(entryOf('counted'), 'counters');
    await groups.flush();
    groups.touch(entryOf('new'), 'news');
    groups.touch(entryOf('counted too'), 'counters');
    await groups.flush();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(written).toStrictEqual(['counted 0', 'new 0', 'counted too 0']);
  });

  it('are all kept while nothing can be written', async () => {
    const { groups, written, state } = createWorld();
    state.isGone = true;
    groups.touch(entryOf('counted'), 'counters');
    groups.touch(entryOf('new'), 'news');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written).toStrictEqual([]);
    state.isGone = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written.map((line) => line.split(' ')[0]).sort()).toStrictEqual(['counted', 'new']);
  });
});
