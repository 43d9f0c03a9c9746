import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedMap } from './sorted-map.ts';

/** Few enough that histories meet the same keys again, and enough for many leaves. */
const key = fc.nat(400).map((number) => `k-${number}`);
const value = fc.nat().map((number) => ({ number }));
const change = fc.tuple(key, fc.option(value, { nil: undefined, freq: 2 }));

const sorted = (entries: Iterable<readonly [string, object]>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

function expectSame(map: SortedMap<object>, model: ReadonlyMap<string, object>): void {
  const entries = sorted(model);
  expect([...map]).toStrictEqual(entries);
  expect([...map.keys()]).toStrictEqual(entries.map(([name]) => name));
  expect([...map.values()]).toStrictEqual(entries.map(([, each]) => each));
  expect(map.size).toBe(model.size);
  const seen: [string, object][] = [];
  map.forEach((each, name, whole) => {
    expect(whole).toBe(map);
    seen.push([name, each]);
  });
  expect(seen).toStrictEqual(entries);
  for (let number = -1; number <= 401; number += 1) {
    const name = `k-${number}`;
    expect(map.get(name)).toBe(model.get(name));
    expect(map.has(name)).toBe(model.has(name));
  }
}

describe('a sorted map', () => {
  it('holds what a Map would, in order, after any history, and leaves the maps before as they were', () => {
    const histories = fc.tuple(
      fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 300 }),
      fc.array(fc.array(change, { maxLength: 120 }), { maxLength: 8 }),
    );
    fc.assert(
      fc.property(histories, ([start, steps]) => {
        const model = new Map<string, object>(start);
        let map: SortedMap<object> = SortedMap.of(start);
        expectSame(map, model);
        for (const step of steps) {
          const [before, entries] = [map, [...map]];
          map = map.with(new Map(step));
          for (const [name, each] of step) {
            if (each === undefined) {
              model.delete(name);
            } else {
              model.set(name, each);
            }
          }
          expectSame(map, model);
          expect([...before]).toStrictEqual(entries);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('starts with nothing and can come to nothing', () => {
    const one = SortedMap.of<object>([]).with(new Map([['a', {}]]));
    expect([...one.keys()]).toStrictEqual(['a']);
    const none = one.with(new Map([['a', undefined]]));
    expect([none.size, [...none], none.get('a')]).toStrictEqual([0, [], undefined]);
  });

  it('orders by code units, as contexts do, not by the words of a language', () => {
    const names = ['b', 'B', 'ä', 'a', '', 'aa'];
    const map = SortedMap.of(names.map((name) => [name, { name }]));
    expect([...map.keys()]).toStrictEqual(['', 'B', 'a', 'aa', 'b', 'ä']);
    expect(names.map((name) => map.get(name))).toStrictEqual(names.map((name) => ({ name })));
  });
});
