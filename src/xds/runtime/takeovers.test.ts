import { expect, it } from 'vitest';
import { createTakeovers } from './takeovers.ts';

it('lets a name be taken over some times at once, and then now and then', () => {
  let now = 1000;
  const { take } = createTakeovers({ burst: 3, everyMs: 10_000, clock: () => now });
  const taken = () => {
    try {
      take('default/default/web');
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable', retryAfterSeconds: 10 });
      return false;
    }
  };
  expect([taken(), taken(), taken(), taken(), taken()]).toEqual([true, true, true, false, false]);
  take('default/default/another');
  now += 10_000;
  expect([taken(), taken()]).toEqual([true, false]);
  now += 1_000_000;
  expect([taken(), taken(), taken(), taken()]).toEqual([true, true, true, false]);
});

it('counts what was lost to another relay, and is no worse for it than for its own', () => {
  let now = 1000;
  const takeovers = createTakeovers({ burst: 2, everyMs: 10_000, clock: () => now });
  takeovers.check('web');
  for (let round = 0; round < 100; round += 1) {
    takeovers.lost('web');
  }
  expect(() => takeovers.check('web')).toThrow('take over from each other too often; come back in 10 s');
  now += 10_000;
  takeovers.check('web');
  takeovers.take('web');
  expect(() => takeovers.take('web')).toThrow('too often');
});

it('holds nothing against a name for long because the clock went back', () => {
  let now = 10_000_000;
  const takeovers = createTakeovers({ burst: 2, everyMs: 10_000, clock: () => now });
  takeovers.take('web');
  takeovers.take('web');
  now = 1000;
  expect(() => takeovers.take('web')).toThrow('come back in 10 s');
  now += 20_000;
  takeovers.take('web');
});
