import { describe, expect, it } from 'vitest';
import { sameContent } from './same-content.ts';
import { SecretValue } from './secret-value.ts';

describe('sameContent', () => {
  const cases: readonly (readonly [string, unknown, unknown, boolean])[] = [
    ['the same', { a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] }, true],
    ['another order of members', { a: 1, b: 2 }, { b: 2, a: 1 }, true],
    ['another order of elements', [1, 2], [2, 1], false],
    ['a member more', { a: 1 }, { a: 1, b: 2 }, false],
    ['a member that is undefined', { a: 1, b: undefined }, { a: 1 }, true],
    ['null and absent', { a: null }, {}, false],
    ['no spec and an empty one', undefined, {}, true],
    ['a list and an object', { a: [] }, { a: {} }, false],
    ['a number and its text', { a: 1 }, { a: '1' }, false],
    ['an element more', [1], [1, 2], false],
    ['a name that every object has', { a: {} }, { a: { constructor: undefined, toString: 1 } }, false],
    ['the same secret', { data: new SecretValue('x') }, { data: new SecretValue('x') }, true],
    ['another secret', { data: new SecretValue('x') }, { data: new SecretValue('y') }, false],
    ['a secret and its text', { data: new SecretValue('x') }, { data: 'x' }, false],
    ['a secret and nothing', { data: new SecretValue('x') }, { data: {} }, false],
  ];
  it.each(cases)('compares %s', (_, a, b, expected) => {
    expect(sameContent({ labels: {}, spec: a }, { labels: {}, spec: b })).toBe(expected);
    expect(sameContent({ labels: {}, spec: b }, { labels: {}, spec: a })).toBe(expected);
  });

  it('compares labels', () => {
    const spec = {};
    expect(sameContent({ labels: { a: '1', b: '2' }, spec }, { labels: { b: '2', a: '1' }, spec })).toBe(
      true,
    );
    expect(sameContent({ labels: { a: '1' }, spec }, { labels: { a: '2' }, spec })).toBe(false);
    expect(sameContent({ labels: { a: '1' }, spec }, { labels: {}, spec })).toBe(false);
  });
});
