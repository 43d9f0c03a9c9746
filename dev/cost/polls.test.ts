import { expect, it } from 'vitest';
import { pollsPerSecond } from './polls.ts';

/** Half a read unit a poll, $0.125 a million of them, a month of 730 hours. */
const dollars = (polls: number) => (polls * 0.5 * 730 * 3_600 * 0.125) / 1e6;

// The table of ARCHITECTURE.md, which a simulation gave.
it.each([
  [0, 0.66],
  [60, 0.87],
  [600, 2.06],
  [3_600, 3.23],
])('polls at the pace of %i changes an hour cost a relay $%d a month', (changes, month) => {
  expect(dollars(pollsPerSecond(changes, true))).toBeCloseTo(month, 1);
});

it('a relay without meshes polls once a second, whatever others change', () => {
  expect(pollsPerSecond(0, false)).toBe(1);
  expect(pollsPerSecond(3_600, false)).toBe(1);
});
