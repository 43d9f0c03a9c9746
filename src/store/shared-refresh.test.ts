import { describe, expect, it } from 'vitest';
import { createSharedRefresh } from './shared-refresh.ts';

/** Refreshes that end when told. */
function controlled() {
  const begun: {
    key: string;
    before: number | undefined;
    end: (value: number | undefined) => void;
    fail: () => void;
  }[] = [];
  const shared = createSharedRefresh<number | undefined>(2);
  const read = (key: string) =>
    shared.read(
      key,
      (before) =>
        new Promise((resolve, reject) => {
          begun.push({ key, before, end: resolve, fail: () => reject(new Error('no')) });
        }),
    );
  return { begun, read, last: shared.last };
}

describe('shared refreshes', () => {
  it('serve everybody who asks at the same time, but none with one that began before it asked', async () => {
    const { begun, read } = controlled();
    const first = read('a');
    const second = [read('a'), read('a')];
    expect(begun).toHaveLength(1);
    begun[0]?.end(1);
    expect(await first).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toHaveLength(2);
    expect(begun[1]?.before).toBe(1);
    begun[1]?.end(2);
    expect(await Promise.all(second)).toEqual([2, 2]);
    expect(begun).toHaveLength(2);
  });

  it('are tried again after one failed', async () => {
    const { begun, read } = controlled();
    const first = read('a');
    const second = read('a');
    begun[0]?.fail();
    await expect(first).rejects.toThrow('no');
    await new Promise((resolve) => setImmediate(resolve));
    begun[1]?.end(2);
    expect(await second).toBe(2);
  });

  it('are apart by key, and forget what was asked for longest ago', async () => {
    const { begun, read } = controlled();
    for (const [key, value] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const) {
      const reading = read(key);
      begun.at(-1)?.end(value);
      expect(await reading).toBe(value);
    }
    void read('c');
    void read('a');
    expect(begun.slice(3).map(({ key, before }) => [key, before])).toEqual([
      ['c', 3],
      ['a', undefined],
    ]);
  });

  it('keep no key for what is not there', async () => {
    const { begun, read, last } = controlled();
    const [a, none] = [read('a'), read('none')];
    begun[0]?.end(1);
    begun[1]?.end(undefined);
    expect(await Promise.all([a, none])).toEqual([1, undefined]);
    expect([last('a'), last('none')]).toEqual([1, undefined]);
    void read('b');
    expect(last('a')).toBe(1);
  });
});
