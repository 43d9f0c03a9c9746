import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { lagEveryMs, watchEventLoop, windowMs } from './event-loop.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('measures how late each turn is and forgets the longest after a while', () => {
  const time = { now: 1_000 };
  const lags: number[] = [];
  const watch = watchEventLoop({ now: () => time.now, onLag: (ms) => lags.push(ms) });
  const turn = (lateMs: number) => {
    time.now += lagEveryMs + lateMs;
    vi.advanceTimersByTime(lagEveryMs);
  };
  turn(0);
  expect(watch.longestMs).toBe(0);
  turn(700);
  turn(40);
  expect(lags).toEqual([0, 700, 40]);
  expect(watch.longestMs).toBe(700);
  time.now += windowMs - lagEveryMs - 40 - 1;
  vi.advanceTimersByTime(lagEveryMs);
  // The clock jumped past what was due, which is lateness, too, and the longest by now.
  expect(watch.longestMs).toBe(windowMs - 2 * lagEveryMs - 41);
  for (let ms = 0; ms < windowMs; ms += lagEveryMs) {
    turn(0);
  }
  expect(watch.longestMs).toBe(0);
  watch.stop();
  turn(9_000);
  expect(lags).not.toContain(9_000);
});

it('counts what is overdue before the turn comes', () => {
  const time = { now: 0 };
  const watch = watchEventLoop({ now: () => time.now, onLag: () => {} });
  time.now = lagEveryMs + 6_000;
  expect(watch.longestMs).toBe(6_000);
  watch.stop();
});
