import { describe, expect, it } from 'vitest';
import type { ProxyRow } from '../../insights/rows.ts';
import type { BehindProxy, RelayProgress } from '../../store/propagation.ts';
import { mayCountTwice, placesOf, withoutMoved } from './moved.ts';

const behind = (name: string, has: number, reason: BehindProxy['reason'] = 'not_acknowledged') => ({
  ...{ name, has, reason },
  ...{ given: 7, since: 1_000 },
});
const progress = (proxies: number, rest: Partial<RelayProgress> = {}): RelayProgress => ({
  ...{ told: 7, proxies, behind: [], named: [] },
  ...rest,
});
const places = (at: Readonly<Record<string, string>>) => new Map(Object.entries(at));

describe('relays may count the same proxies', () => {
  const told = (...joined: readonly (number | undefined)[]) =>
    new Map(
      joined.map((at, index) => [`relay-${index}`, progress(1, at === undefined ? {} : { joined: at })]),
    );

  it.each([
    { of: told(1_000_000), may: false, why: 'there is one relay' },
    { of: told(0, 0), may: false, why: 'nobody came of late' },
    { of: told(undefined, undefined), may: false, why: 'relays of before do not say' },
    { of: told(0, 1_000_000), may: true, why: 'somebody came just now' },
    { of: told(0, 860_000), may: true, why: 'the other may not yet miss who came' },
    { of: told(0, 1_000_500), may: true, why: 'the clock of the relay is ahead' },
  ])('$may: $why', ({ of, may }) => {
    expect(mayCountTwice(of, 1_000_000)).toBe(may);
  });
});

it('a proxy is at the relay of its newest open subscription', () => {
  const row = (name: string, openAt: readonly string[]) => ({ resource: { name }, openAt }) as ProxyRow;
  const rows = [row('a', ['east']), row('b', ['east', 'west']), row('c', [])];
  expect(placesOf(rows)).toEqual(places({ a: 'east', b: 'west' }));
});

describe('what a relay told, without those that moved', () => {
  it('is nothing where all have', () => {
    const told = progress(2, {
      behind: [{ has: 6, proxies: 2, failed: 1 }],
      named: [behind('a', 6, 'refused'), behind('b', 6)],
    });
    const moved = withoutMoved('east', told, places({ a: 'west', b: 'west' }));
    expect(moved).toEqual({ ...progress(0), behind: [], named: [] });
  });

  it('is the same where nobody did', () => {
    const told = progress(3, {
      behind: [{ has: 6, proxies: 1, failed: 1 }],
      named: [behind('a', 6, 'refused')],
    });
    expect(withoutMoved('east', told, places({ a: 'east', b: 'east', c: 'east', d: 'west' }))).toEqual(told);
  });

  it('counts those that stayed, by what each of them has', () => {
    const told = progress(5, {
      behind: [
        { has: 4, proxies: 1, failed: 0 },
        { has: 6, proxies: 2, failed: 1 },
      ],
      named: [behind('c', 6, 'refused'), behind('a', 4), behind('b', 6)],
    });
    const at = places({ a: 'east', b: 'east', c: 'west', d: 'west', e: 'east' });
    expect(withoutMoved('east', told, at)).toEqual(
      progress(3, {
        behind: [
          { has: 4, proxies: 1, failed: 0 },
          { has: 6, proxies: 1, failed: 0 },
        ],
        named: [behind('a', 4), behind('b', 6)],
      }),
    );
  });

  it('has those that are behind and of whom nothing is written yet', () => {
    const told = progress(2, { behind: [{ has: 0, proxies: 1, failed: 0 }], named: [behind('new', 0)] });
    expect(withoutMoved('east', told, places({ a: 'east' }))).toEqual(told);
  });

  it('has no more behind than there are, though not all are named', () => {
    const told = progress(300, {
      behind: [
        { has: 5, proxies: 150, failed: 150 },
        { has: 6, proxies: 150, failed: 0 },
      ],
    });
    const at = places(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`p-${n}`, 'east'])));
    expect(withoutMoved('east', told, at).behind).toEqual([
      { has: 5, proxies: 150, failed: 150 },
      { has: 6, proxies: 50, failed: 0 },
    ]);
  });
});
