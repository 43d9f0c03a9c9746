import { expect, it } from 'vitest';
import { parseDecimal } from './value-rules.ts';

it.each([
  ['5', 5],
  ['5.', 5],
  ['.5', 0.5],
  ['-0.5', -0.5],
  ['+1e2', 100],
  ['1E-1', 0.1],
  ['', undefined],
  ['.', undefined],
  ['e5', undefined],
  ['1.2.3', undefined],
  [' 1', undefined],
  ['0x1', undefined],
  ['1_0', undefined],
  ['NaN', undefined],
  ['Infinity', undefined],
])('reads %j as %s', (text, value) => {
  expect(parseDecimal(text)).toBe(value);
});

it('reads a long text once', () => {
  const started = performance.now();
  expect(parseDecimal(`${'1'.repeat(200_000)}x`)).toBeUndefined();
  // An expression that goes back over the digits would take minutes.
  expect(performance.now() - started).toBeLessThan(5_000);
});
