import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHeldForAWhile } from './held-for-a-while.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('holds what it is given for its time at least and twice that at most', () => {
  const held = createHeldForAWhile<object>(1_000);
  held.add({});
  vi.advanceTimersByTime(1_100);
  held.add({});
  vi.advanceTimersByTime(899);
  expect(held.size).toBe(2);
  vi.advanceTimersByTime(1);
  expect(held.size).toBe(1);
  held.add({});
  vi.advanceTimersByTime(1_999);
  expect(held.size).toBe(1);
  vi.advanceTimersByTime(1);
  expect(held.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it('lets go of everything when it is stopped', () => {
  const held = createHeldForAWhile<object>(1_000);
  held.add({});
  held.stop();
  expect(held.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
