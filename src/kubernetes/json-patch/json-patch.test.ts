import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyJsonPatch } from './apply.ts';
import { jsonPatchBetween } from './difference.ts';
import type { JsonPatchOperation } from './operation.ts';

/** JSON in which names meet: lists of things with names, as Kubernetes has them, and members that need escapes. */
const name = fc.constantFrom('a', 'b', 'name', 'x/y', 'm~n', '', '__proto__', '0');
const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, 1, '', 'a', 'b'),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(
      fc.record({ name: fc.constantFrom('a', 'b', 'c'), value: tie('value') }, { noNullPrototype: true }),
      { maxLength: 5 },
    ),
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 4 })
      .map((pairs): unknown => Object.fromEntries(pairs)),
  ),
}));

describe('the patch between two values', () => {
  it('makes the one of the other', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        expect(applyJsonPatch(before, jsonPatchBetween(before, after))).toStrictEqual(after);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is empty where nothing changed, and leaves what it is applied to as it was', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const copy = structuredClone(before);
        expect(jsonPatchBetween(before, copy)).toEqual([]);
        applyJsonPatch(before, jsonPatchBetween(before, after));
        expect(before).toStrictEqual(copy);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, unknown, unknown, readonly JsonPatchOperation[]]>([
    ['adds members', {}, { 'a/b': 1 }, [{ op: 'add', path: '/a~1b', value: 1 }]],
    ['removes members', { 'a~': 1 }, {}, [{ op: 'remove', path: '/a~0' }]],
    [
      'puts what is new in front, and changes what moved where it is then',
      [{ name: 'app', port: 1 }],
      [{ name: 'sidecar' }, { name: 'app', port: 2 }],
      [
        { op: 'add', path: '/0', value: { name: 'sidecar' } },
        { op: 'replace', path: '/1/port', value: 2 },
      ],
    ],
    ['appends', ['a'], ['a', 'b'], [{ op: 'add', path: '/1', value: 'b' }]],
    ['takes out of the middle', ['a', 'b', 'c'], ['a', 'c'], [{ op: 'remove', path: '/1' }]],
    ['replaces what is of another kind', { a: [] }, { a: {} }, [{ op: 'replace', path: '/a', value: {} }]],
    ['replaces all', 1, 2, [{ op: 'replace', path: '', value: 2 }]],
  ])('%s', (_, before, after, patch) => {
    expect(jsonPatchBetween(before, after)).toEqual(patch);
  });

  it('replaces lists that are too long to be compared', () => {
    const before = Array.from({ length: 600 }, (_, index) => index);
    const after = before.map((index) => index + 1);
    expect(jsonPatchBetween(before, after)).toEqual([{ op: 'replace', path: '', value: after }]);
  });
});

describe('a patch', () => {
  const document = { a: { b: [1, 2, 3] }, c: 'text' };

  it.each<[JsonPatchOperation, unknown]>([
    [
      { op: 'add', path: '/a/b/-', value: 4 },
      { a: { b: [1, 2, 3, 4] }, c: 'text' },
    ],
    [
      { op: 'add', path: '/a/b/0', value: 0 },
      { a: { b: [0, 1, 2, 3] }, c: 'text' },
    ],
    [
      { op: 'add', path: '/c', value: 1 },
      { a: { b: [1, 2, 3] }, c: 1 },
    ],
    [{ op: 'add', path: '', value: [] }, []],
    [
      { op: 'replace', path: '/a/b/-1', value: 9 },
      { a: { b: [1, 2, 9] }, c: 'text' },
    ],
    [
      { op: 'remove', path: '/a/b/1' },
      { a: { b: [1, 3] }, c: 'text' },
    ],
    [
      { op: 'move', path: '/d', from: '/a/b' },
      { a: {}, c: 'text', d: [1, 2, 3] },
    ],
    [
      { op: 'copy', path: '/d', from: '/c' },
      { a: { b: [1, 2, 3] }, c: 'text', d: 'text' },
    ],
    [{ op: 'add', path: '/__proto__', value: 1 }, JSON.parse('{"a":{"b":[1,2,3]},"c":"text","__proto__":1}')],
  ])('%j is applied', (operation, expected) => {
    expect(applyJsonPatch(document, [operation])).toStrictEqual(expected);
  });

  it.each<JsonPatchOperation>([
    { op: 'add', path: '/x/y', value: 1 },
    { op: 'add', path: '/a/b/5', value: 1 },
    { op: 'add', path: '/a/b/x', value: 1 },
    { op: 'add', path: '/c/d', value: 1 },
    { op: 'replace', path: '/x', value: 1 },
    { op: 'replace', path: '/a/b/3', value: 1 },
    { op: 'remove', path: '/a/b/-4' },
    { op: 'remove', path: '/toString' },
    { op: 'move', path: '/d', from: '/x' },
    { op: 'copy', path: '/x/y', from: '/c' },
  ])('%j does not apply', (operation) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow(/there is nothing at/);
  });

  it.each<[JsonPatchOperation, string]>([
    [{ op: 'remove', path: '' }, 'the whole document cannot be taken away'],
    [{ op: 'move', path: '/d', from: '' }, 'the whole document cannot be taken away'],
    [{ op: 'add', path: 'a', value: 1 }, 'a must begin with /'],
  ])('%j is refused', (operation, message) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow(message);
  });

  it('makes what leads to a place, where it may', () => {
    const patch: readonly JsonPatchOperation[] = [
      { op: 'add', path: '/x/y/0/z', value: 1 },
      { op: 'add', path: '/x/w/-', value: 2 },
    ];
    expect(applyJsonPatch({}, patch, { makesPath: true })).toEqual({ x: { y: [{ z: 1 }], w: [2] } });
  });
});
