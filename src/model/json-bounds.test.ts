import { expect, it } from 'vitest';
import { isDeeperThan, requireShallow } from './json-bounds.ts';

function nested(depth: number): unknown {
  return Array.from({ length: depth }).reduce<unknown>((inner) => ({ inner }), 'leaf');
}

it.each([
  ['leaf', 0, false],
  [nested(3), 3, false],
  [nested(4), 3, true],
  [[[]], 1, true],
  [{ a: 1, b: { c: [1] } }, 3, false],
])('measures %j against %i', (value, limit, deeper) => {
  expect(isDeeperThan(value, limit)).toBe(deeper);
});

it('does not exhaust the stack', () => {
  expect(isDeeperThan(JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`))).toBe(true);
});

it('refuses what is too deep, and tells the limit', () => {
  expect(() => requireShallow(nested(65), 'Mesh')).toThrow(
    'invalid Mesh object: "nested deeper than 64 levels"',
  );
  expect(() => requireShallow(nested(64), 'Mesh')).not.toThrow();
});
