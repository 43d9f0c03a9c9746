import { describe, expect, it } from 'vitest';
import { mergeConfs } from './conf.ts';

describe('mergeConfs', () => {
  it.each([
    ['nothing', [], {}],
    ['one', [{ a: 1 }], { a: 1 }],
    ['members of both', [{ a: 1 }, { b: 2 }], { a: 1, b: 2 }],
    ['the later of two', [{ a: 1 }, { a: 2 }], { a: 2 }],
    ['members within', [{ a: { b: 1, c: 1 } }, { a: { c: 2 } }], { a: { b: 1, c: 2 } }],
    ['a list for a list', [{ a: [1, 2] }, { a: [3] }], { a: [3] }],
    ['an object for a text', [{ a: 'x' }, { a: { b: 1 } }], { a: { b: 1 } }],
    ['no member that is null', [{ a: 1, b: 1 }, { a: null }], { b: 1 }],
    ['appended lists', [{ appendX: [1] }, { appendX: [2] }], { appendX: [1, 2] }],
    ['appended lists within', [{ a: { appendX: [1] } }, { a: { appendX: [2] } }], { a: { appendX: [1, 2] } }],
    ['lists only named like them', [{ appendix: [1] }, { appendix: [2] }], { appendix: [2] }],
  ])('keeps %s', (_, confs, expected) => {
    expect(mergeConfs(confs)).toEqual(expected);
  });

  it('changes none of what it is given', () => {
    const first = { a: { b: 1 } };
    mergeConfs([first, { a: { b: 2 } }]);
    expect(first).toEqual({ a: { b: 1 } });
  });

  it('takes a member called __proto__ for what it is', () => {
    const merged = mergeConfs([{}, JSON.parse('{"__proto__": {"polluted": true}}')]);
    expect(Object.hasOwn(merged, '__proto__')).toBe(true);
    expect('polluted' in {}).toBe(false);
  });
});
