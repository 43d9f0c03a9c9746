import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { createWeakCache } from './weak-cache.ts';

describe('a weak cache', () => {
  it('makes an object once', () => {
    const cache = createWeakCache<{ readonly value: number }>();
    const make = vi.fn(() => ({ value: 1 }));
    expect(cache.get('a', make)).toBe(cache.get('a', make));
    expect(make).toHaveBeenCalledTimes(1);
    expect(cache.get('b', () => ({ value: 2 })).value).toBe(2);
    expect(cache.size).toBe(2);
  });

  it('forgets what nobody holds, and keeps what somebody does', async () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    const cache = createWeakCache<{ readonly value: number }>();
    const held = cache.get('held', () => ({ value: 0 }));
    for (let at = 0; at < 1000; at++) {
      cache.get(`dropped ${at}`, () => ({ value: at }));
    }
    await vi.waitFor(
      () => {
        if (typeof collect === 'function') {
          collect();
        }
        expect(cache.size).toBe(1);
      },
      { timeout: 10_000 },
    );
    expect(cache.get('held', () => ({ value: 1 }))).toBe(held);
  });
});
