import { describe, expect, it } from 'vitest';
import { createDecodeCache } from './decode-cache.ts';
import type { Item } from './port.ts';

function item(sort: string, value: string): Item {
  return { partition: 'p', sort, version: 1, value };
}

describe('decoded items', () => {
  it('are the same objects as long as their text is the same', () => {
    const cache = createDecodeCache((each) => ({ text: each.value }), 2);
    const [a, b] = cache.decode('one', [item('a', '1'), item('b', '1')]);
    const [sameA, newB, c] = cache.decode('one', [item('a', '1'), item('b', '2'), item('c', '3')]);
    expect(sameA).toBe(a);
    expect(newB).not.toBe(b);
    expect(newB).toEqual({ text: '2' });
    expect(c).toEqual({ text: '3' });
  });

  it('are forgotten with an item that is gone, and with a list that was not read for long', () => {
    const cache = createDecodeCache((each) => ({ text: each.value }), 2);
    const [first] = cache.decode('one', [item('a', '1')]);
    cache.decode('one', []);
    const [second] = cache.decode('one', [item('a', '1')]);
    expect(second).not.toBe(first);
    cache.decode('two', []);
    cache.decode('three', []);
    expect(cache.decode('one', [item('a', '1')])[0]).not.toBe(second);
  });

  it('are those of their own list', () => {
    const cache = createDecodeCache((each) => ({ text: each.value }), 2);
    expect(cache.decode('one', [item('a', '1')])[0]).not.toBe(cache.decode('two', [item('a', '1')])[0]);
  });
});
