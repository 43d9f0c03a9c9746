import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPace } from './pace.ts';
import { createReports } from './reports.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function world(keep: (text: string) => Promise<void> = async () => {}) {
  const kept: string[] = [];
  const reports = createReports({
    pace: createPace({ burst: 2, perSecond: 1, clock: Date.now }),
    keep(report) {
      kept.push(report.toString());
      return keep(report.toString());
    },
  });
  return { kept, reports, offer: (text: string) => reports.offer(Buffer.from(text)) };
}

it('keeps what is new, at a pace, and of what comes more quickly the last', async () => {
  const { kept, offer, reports } = world();
  for (const text of ['a', 'a', 'b', 'a', 'b', 'c', 'd']) {
    offer(text);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(kept).toEqual(['a', 'b', 'a']);
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept).toEqual(['a', 'b', 'a', 'd']);
  offer('e');
  reports.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(kept).toEqual(['a', 'b', 'a', 'd']);
  expect(vi.getTimerCount()).toBe(0);
});

it('keeps one at a time', async () => {
  let done = () => {};
  const { kept, offer } = world(() => new Promise((resolve) => (done = resolve)));
  offer('a');
  offer('b');
  offer('c');
  await vi.advanceTimersByTimeAsync(0);
  expect(kept).toEqual(['a']);
  done();
  await vi.advanceTimersByTimeAsync(0);
  expect(kept).toEqual(['a', 'c']);
});

it('takes again what could not be kept', async () => {
  const { kept, offer } = world(() => Promise.reject(new Error('the store is away')));
  offer('a');
  await vi.advanceTimersByTimeAsync(0);
  offer('a');
  await vi.advanceTimersByTimeAsync(0);
  expect(kept).toEqual(['a', 'a']);
});
