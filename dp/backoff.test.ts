import { describe, expect, it } from 'vitest';
import { nextDelay, parseRetryAfter } from './backoff.ts';

describe('nextDelay', () => {
  it.each([
    { attempt: 1, random: 0, expected: 0 },
    { attempt: 1, random: 0.5, expected: 1_500 },
    { attempt: 3, random: 0.5, expected: 6_000 },
    { attempt: 4, random: 0.5, expected: 12_000 },
    { attempt: 5, random: 0.5, expected: 15_000 },
    { attempt: 5_000, random: 0.5, expected: 15_000 },
  ])('before try $attempt is anything up to a bound that doubles', ({ attempt, random, expected }) => {
    const backoff = { base: 3_000, ceiling: 30_000, random: () => random };
    expect(nextDelay(attempt, backoff, undefined)).toBe(expected);
  });

  it('is never shorter than what the server asked for, and adds the jitter', () => {
    const delay = (random: number) =>
      nextDelay(9, { base: 3_000, ceiling: 30_000, random: () => random }, 60_000);
    expect([delay(0), delay(0.5)]).toEqual([60_000, 61_500]);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    [undefined, undefined],
    ['7', 7_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2025 00:00:30 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
  ])('reads %s', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected);
  });
});
