import { expect, it } from 'vitest';
import { createPace } from './pace.ts';

it('lets a burst pass, and then so many a second', () => {
  let now = 0;
  const pace = createPace({ burst: 3, perSecond: 10, clock: () => now });
  expect([pace(), pace(), pace()]).toEqual([0, 0, 0]);
  expect(pace()).toBe(100);
  now += 100;
  expect(pace()).toBe(100);
  now += 1000;
  expect([pace(), pace(), pace(), pace()]).toEqual([0, 0, 0, 100]);
});
