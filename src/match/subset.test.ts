import { describe, expect, it } from 'vitest';
import {
  contains,
  intersect,
  isSubset,
  partition,
  partitionSize,
  type Subset,
  subsetText,
} from './subset.ts';

/** `a=1` and `a!=1`, for short. */
function subset(...conditions: string[]): Subset {
  return conditions.map((text) => {
    const [key = '', value = ''] = text.split(/!?=/);
    return { key, value, not: text.includes('!=') };
  });
}

function text(conditions: Subset): string {
  return conditions.map(({ key, value, not }) => `${key}${not ? '!=' : '='}${value}`).join();
}

describe('contains', () => {
  it.each([
    [[], {}, true],
    [[], { a: '1' }, true],
    [['a=1'], {}, false],
    [['a!=1'], {}, false],
    [['a=1'], { a: '1', b: '2' }, true],
    [['a=1'], { a: '2' }, false],
    [['a!=1'], { a: '2' }, true],
    [['a!=1'], { a: '1' }, false],
    [['a!=1'], { b: '1' }, true],
    [['a=1', 'b!=2'], { a: '1' }, true],
    [['a=1', 'b=2'], { a: '1' }, false],
  ] as const)('%j has %j: %s', (conditions, tags, expected) => {
    expect(contains(subset(...conditions), tags)).toBe(expected);
  });
});

describe('isSubset', () => {
  it.each([
    [['a=1'], [], true],
    [[], ['a=1'], false],
    [['a=1'], ['a=1'], true],
    [['a=1', 'b=2'], ['a=1'], true],
    [['a=1'], ['a=1', 'b=2'], false],
    [['a=1'], ['a=2'], false],
    [['a=1'], ['a!=2'], true],
    [['a!=2'], ['a=1'], false],
    [['a!=1'], ['a!=1'], true],
    [['a!=1', 'a!=2'], ['a!=1'], false],
  ] as const)('%j of %j: %s', (inner, outer, expected) => {
    expect(isSubset(subset(...inner), subset(...outer))).toBe(expected);
  });
});

describe('intersect', () => {
  it.each([
    [[], ['a=1'], true],
    [['a=1'], ['b=2'], true],
    [['a=1'], ['a=1', 'b=2'], true],
    [['a=1'], ['a=2'], false],
    [['a=1', 'b=1'], ['b=2'], false],
    [['a=1'], ['a!=1'], true],
  ] as const)('%j and %j: %s', (a, b, expected) => {
    expect(intersect(subset(...a), subset(...b))).toBe(expected);
    expect(intersect(subset(...b), subset(...a))).toBe(expected);
  });
});

describe('partition', () => {
  it.each([
    [[], ['']],
    [['a=1'], ['a!=1', 'a=1']],
    [
      ['a=1', 'b=1'],
      ['a!=1,b=1', 'a=1,b!=1', 'a!=1,b!=1', 'a=1,b=1'],
    ],
    [
      ['a=1', 'a=2'],
      ['a=1', 'a!=1,a!=2', 'a=2'],
    ],
  ])('%j', (conditions, expected) => {
    const found = [...partition(subset(...conditions))].map(text);
    expect(found).toEqual(expected);
    expect(partitionSize(subset(...conditions))).toBe(expected.length);
  });
});

it('writes equal subsets alike', () => {
  expect(subsetText(subset('a=1', 'b!=2'))).toBe(subsetText(subset('b!=2', 'a=1')));
  expect(subsetText(subset('a=1'))).not.toBe(subsetText(subset('a!=1')));
});
