import { beforeEach, describe, expect, it } from 'vitest';
import type { Lease } from '../store/leases.ts';
import { createLiveness, type Liveness } from './liveness.ts';

let now: number;
let leases: Lease[];
let lists: number;
let isGone: boolean;
let liveness: Liveness;

const lease = (relay: string, expires = now + 15_000): Lease => ({ relay, expires });
const lives = (...relays: readonly string[]) => liveness.judge((alive) => relays.filter(alive));

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  leases = [lease('east')];
  lists = 0;
  isGone = false;
  liveness = createLiveness(
    {
      async list() {
        lists += 1;
        if (isGone) {
          throw new Error('the table is gone');
        }
        return leases.filter(({ expires }) => expires > now);
      },
    },
    () => now,
  );
});

describe('which relays live', () => {
  it('is asked once a second, however many want to know', async () => {
    await Promise.all([liveness.prepare(), lives('east'), lives('east')]);
    expect(await lives('east')).toEqual(['east']);
    expect(lists).toBe(1);
    now += 1_000;
    await lives('east');
    expect(lists).toBe(2);
  });

  it('is known at once of one that began after the list was read', async () => {
    await liveness.prepare();
    leases.push(lease('west'), lease('north'));
    expect(await Promise.all([lives('east', 'west'), lives('north')])).toEqual([['east', 'west'], ['north']]);
    expect(lists).toBe(2);
    expect(await lives('west')).toEqual(['west']);
    expect(lists).toBe(2);
  });

  it('costs one list for one that is dead, whenever it is named', async () => {
    for (let second = 0; second < 10; second += 1) {
      expect(await lives('dead', 'east')).toEqual(['east']);
      expect(await lives('dead', 'east')).toEqual(['east']);
      now += 1_000;
    }
    expect(lists).toBe(11);
  });

  it('is known within a second of one that was taken for dead and is back', async () => {
    expect(await lives('west')).toEqual([]);
    leases.push(lease('west'));
    now += 1_000;
    expect(await lives('west')).toEqual(['west']);
  });

  it('is that of now and not of when the list was read', async () => {
    leases = [lease('east', now + 500)];
    expect(await lives('east')).toEqual(['east']);
    now += 500;
    expect(await lives('east')).toEqual([]);
    expect(lists).toBe(1);
  });

  it('is asked again where the clock went back', async () => {
    await liveness.prepare();
    now -= 3_600_000;
    leases = [];
    expect(await lives('east')).toEqual([]);
  });

  it('is asked again where it could not be had', async () => {
    isGone = true;
    await expect(lives('east')).rejects.toThrow('the table is gone');
    isGone = false;
    expect(await lives('east')).toEqual(['east']);
  });

  it('forgets those that it missed before they are too many, and asks for them once more', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => `dead-${n}`);
    await lives(...many);
    await lives('one more');
    expect(lists).toBe(3);
    await lives(...many.slice(0, 10));
    expect(lists).toBe(4);
  });
});
