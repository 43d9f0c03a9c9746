import { expect, it } from 'vitest';
import { createCommitTimes } from './commit-times.ts';

it('knows the oldest change that is not told yet', () => {
  const times = createCommitTimes();
  expect(times.oldestAfter(0)).toBeUndefined();
  times.add(5, 1_000);
  times.add(6, 1_010);
  times.add(7, 1_500);
  expect(times.oldestAfter(4)).toBe(1_000);
  expect(times.oldestAfter(6)).toBe(1_500);
  times.add(8, 1_700);
  expect(times.oldestAfter(6)).toBe(1_500);
  expect(times.oldestAfter(8)).toBeUndefined();
});

it('keeps the oldest ones of a mesh that nobody is told of', () => {
  const times = createCommitTimes();
  for (let revision = 1; revision <= 20_000; revision += 1) {
    times.add(revision, revision);
  }
  expect(times.oldestAfter(0)).toBe(1);
  expect(times.oldestAfter(10_000)).toBeUndefined();
});
