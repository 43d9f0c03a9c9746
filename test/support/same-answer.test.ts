import { describe, expect, it } from 'vitest';
import { differences, sameText } from './same-answer.ts';

describe('comparing answers with recordings', () => {
  it.each<[want: unknown, got: unknown]>([
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ at: 'TIME' }, { at: '2026-01-01T00:00:00Z' }],
    ['http://HOST:5681/meshes?offset=1', 'http://127.0.0.1:41234/meshes?offset=1'],
    [{ port: 5681 }, { port: 41234 }],
    [{ causes: [{ field: 'a' }, { field: 'b' }] }, { causes: [{ field: 'b' }, { field: 'a' }] }],
    ['invalid Mesh object: "one parser"', 'invalid Mesh object: "another"'],
    [null, null],
  ])('takes %j for %j', (want, got) => {
    expect(differences(want, got)).toEqual([]);
  });

  it.each<[want: unknown, got: unknown, found: string]>([
    [{ a: 1 }, {}, '/a: missing, want 1'],
    [{ a: [1, 2] }, { a: [2, 1] }, '/a/0: want 1, got 2'],
    [{ items: [] }, { items: [1] }, '/items: want 0 items, got 1: [1]'],
    [{ causes: [{ field: 'a' }] }, { causes: [{ field: 'b' }] }, '/causes: missing {"field":"a"}'],
    [{ a: true }, { a: 1 }, '/a: want true, got 1'],
    [null, undefined, ': want null, got nothing'],
    ['a.c', 'abc', ': want "a.c", got "abc"'],
  ])('sees that %j is not %j', (want, got, found) => {
    expect(differences(want, got)).toContain(found);
  });

  it('lets no stand-in swallow what must be said', () => {
    expect(sameText('user ID is unknown', 'user 7 is known')).toBe(false);
  });
});
