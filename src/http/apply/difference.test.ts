import { describe, expect, it } from 'vitest';
import { differencesOf, maxDifferences } from './difference.ts';

describe('differences of two JSON values', () => {
  it.each([
    ['equal values', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    ['the order of members', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ['a changed member', { a: { b: 1 } }, { a: { b: 2 } }, [{ path: '/a/b', before: 1, after: 2 }]],
    ['a new member', {}, { a: null }, [{ path: '/a', after: null }]],
    ['a member that goes', { a: false }, {}, [{ path: '/a', before: false }]],
    ['a list that grows', [1], [1, 2], [{ path: '/1', after: 2 }]],
    [
      'a list that shrinks',
      [1, 2],
      [2],
      [
        { path: '/0', before: 1, after: 2 },
        { path: '/1', before: 2 },
      ],
    ],
    ['a list in place of an object', { a: {} }, { a: [] }, [{ path: '/a', before: {}, after: [] }]],
    ['names with slashes and tildes', {}, { 'a/b~c': 1 }, [{ path: '/a~1b~0c', after: 1 }]],
    ['names of the prototype', {}, JSON.parse('{"__proto__": 1}'), [{ path: '/__proto__', after: 1 }]],
    ['two values', 1, 'x', [{ path: '', before: 1, after: 'x' }]],
  ])('%s', (_name, before, after, expected) => {
    expect(differencesOf(before, after)).toEqual(expected);
  });

  it('are bounded', () => {
    const many = Array.from({ length: 1_000 }, (_, position) => position);
    expect(differencesOf([], many)).toHaveLength(maxDifferences);
  });
});
