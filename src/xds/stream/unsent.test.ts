import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUnsent, type Reader } from './unsent.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function world(maxBytes = 100) {
  const unsent = createUnsent({ maxBytes, stalledMs: 1000, clock: Date.now });
  const gaveUp: string[] = [];
  const turns: string[] = [];
  return {
    unsent,
    gaveUp,
    turns,
    begin: (name: string, bytes: number, reader: Reader = 'proven') =>
      unsent.begin(reader, bytes, () => gaveUp.push(name)),
    wait: (name: string, reader: Reader = 'proven') => unsent.wait(reader, () => turns.push(name)),
  };
}

describe('responses that are not read', () => {
  it('have room up to the bound, and those who wait for more are let in one after the other', () => {
    const { unsent, turns, begin, wait } = world();
    const first = begin('a', 60);
    expect(unsent.hasRoom('proven')).toBe(true);
    const second = begin('b', 60);
    expect(unsent.hasRoom('proven')).toBe(false);
    wait('c');
    wait('d');
    expect(unsent.load).toEqual({ bytes: 120, waiting: 2 });
    first();
    expect(turns).toEqual(['c', 'd']);
    first();
    second();
    expect(unsent.load).toEqual({ bytes: 0, waiting: 0 });
  });

  it('let in no more than there is room for', () => {
    const { unsent, turns, begin } = world();
    const first = begin('a', 100);
    unsent.wait('proven', () => {
      turns.push('b');
      begin('b', 100);
    });
    unsent.wait('proven', () => turns.push('c'));
    first();
    expect(turns).toEqual(['b']);
    expect(unsent.load).toEqual({ bytes: 100, waiting: 1 });
  });

  it('are nobody’s turn who waits no more', () => {
    const { turns, begin, wait } = world();
    const first = begin('a', 100);
    wait('b')();
    first();
    expect(turns).toEqual([]);
  });

  it('are left alone while nobody waits, however long they take', () => {
    const { gaveUp, begin } = world();
    begin('a', 1000);
    vi.advanceTimersByTime(3_600_000);
    expect(gaveUp).toEqual([]);
  });

  it('make room once they are stalled and others wait, the oldest first and no more than needed', () => {
    const { unsent, gaveUp, turns, begin, wait } = world();
    const oldest = begin('oldest', 40);
    vi.advanceTimersByTime(500);
    begin('older', 40);
    begin('young', 40);
    wait('x');
    vi.advanceTimersByTime(499);
    expect(gaveUp).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(gaveUp).toEqual(['oldest']);
    vi.advanceTimersByTime(10_000);
    // What it held is about to be free, which is enough for one.
    expect(gaveUp).toEqual(['oldest']);
    oldest();
    expect(turns).toEqual(['x']);
    expect(unsent.load).toEqual({ bytes: 80, waiting: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of readers that are new have half of the room, and those that have proven themselves go first', () => {
    const { unsent, turns, gaveUp, begin, wait } = world();
    const crowd = begin('crowd', 60, 'new');
    expect([unsent.hasRoom('new'), unsent.hasRoom('proven')]).toEqual([false, true]);
    const reader = begin('reader', 60);
    wait('newcomer', 'new');
    wait('reader');
    vi.advanceTimersByTime(1000);
    expect(gaveUp).toEqual(['crowd']);
    reader();
    expect(turns).toEqual(['reader']);
    crowd();
    expect(turns).toEqual(['reader', 'newcomer']);
    expect(unsent.load).toEqual({ bytes: 0, waiting: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });
});
