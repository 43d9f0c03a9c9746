import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAssumptions } from './assumptions.ts';
import { type BillDeps, billOf, type Load, totalOf } from './bill.ts';
import { readMeasuredUnits } from './measured-units.ts';
import { readPriceList } from './price-list.ts';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const deps: BillDeps = {
  prices: readPriceList(read('prices.yml')),
  units: readMeasuredUnits(read('units.yml')),
  assumptions: readAssumptions(read('assumptions.yml')),
};
const load: Load = { proxies: 1_000, tenants: 10, idleTenants: 0, changesPerHour: 60, relays: 2 };
const empty: Load = { proxies: 0, tenants: 0, idleTenants: 0, changesPerHour: 0, relays: 2 };

function dollarsOf(name: string, one: Load = load): number {
  const item = billOf(deps, one).find((each) => each.name === name);
  if (item === undefined) {
    throw new Error(`there is no item ${name}`);
  }
  return item.dollars;
}

describe('the bill', () => {
  // Reckoned by hand from the files.
  it.each([
    ['changes by the API', 43_800 * (12 * 0.625 + (6 + 2 * 1 + 2 * 1) * 0.125) * 1e-6],
    ['proxies that restart', (730_000 / 24) * ((5 + 6.8 + 3) * 0.625 + (2 + 4.5 + 3) * 0.125) * 1e-6],
    ['leases of relays', 2 * 131_400 * 0.625e-6],
    ['polls of the feed', 2 * 262_800 * 0.5 * 0.125e-6],
    // A message every 51.1 s on average, so that waits of at most 20 s last 16.55.
    ['queues of relays', (2 * 43_800 + (5 * 73_000) / 24 + 317_547) * 0.4e-6],
    ['checks of heads', 2 * (2_628_000 / 120) * 20 * 0.5 * 0.125e-6],
    ['jobs', 43_800 * 11 * 0.125 * 1e-6],
    ['function of the jobs', 43_800 * (0.2e-6 + 0.06 * 0.000_013_333_4)],
    ['relays', 2 * 730 * (0.5 * 0.032_38 + 0.003_56)],
    ['public addresses', 4 * 730 * 0.005],
  ])('has %s', (name, dollars) => {
    expect(dollarsOf(name)).toBeCloseTo(dollars, 6);
  });

  it('has what the webhook costs, where some of the proxies are pods', () => {
    const podShare = { ...deps.assumptions.podShare, value: 0.5 };
    const items = billOf({ ...deps, assumptions: { ...deps.assumptions, podShare } }, load);
    const webhook = items.find(({ name }) => name === 'function of the webhook');
    const calls = 730_000 / 24 / 2;
    expect(webhook?.dollars).toBeCloseTo(calls * (0.2e-6 + 0.03 * 0.000_013_333_4), 6);
    const gateway = items.find(({ name }) => name === 'HTTP API')?.dollars ?? 0;
    expect(gateway - dollarsOf('HTTP API')).toBeCloseTo(calls * 1e-6, 6);
  });

  it('is the sum of its groups', () => {
    const items = billOf(deps, load);
    const groups = [...new Set(items.map(({ group }) => group))];
    expect(groups).toHaveLength(4);
    const sum = groups.reduce((total, group) => total + totalOf(items, [group]), 0);
    expect(sum).toBeCloseTo(totalOf(items), 9);
  });

  it('of a tenant without proxies is what is kept of it, and nothing else', () => {
    const before = billOf(deps, load);
    const after = billOf(deps, { ...load, idleTenants: 1 });
    const dearer = after.filter(({ dollars }, at) => dollars !== before[at]?.dollars);
    expect(dearer.map(({ name }) => name)).toStrictEqual(['what is kept, with its backup']);
    expect(totalOf(after) - totalOf(before)).toBeLessThan(0.000_1);
  });

  it('of an empty service has no work but that of relays and jobs that look for some', () => {
    const idle = billOf(deps, empty).filter(
      ({ group, dollars }) => ['table', 'functions'].includes(group) && dollars > 0,
    );
    expect(idle.map(({ name }) => name)).toStrictEqual([
      'leases of relays',
      'polls of the feed',
      'jobs',
      'function of the jobs',
      'queues of relays',
    ]);
  });

  it('has the price of polls and none of queues where relays have none', () => {
    const toldShare = { ...deps.assumptions.toldShare, value: 0 };
    const items = billOf({ ...deps, assumptions: { ...deps.assumptions, toldShare } }, load);
    const dollars = Object.fromEntries(items.map((item) => [item.name, item.dollars]));
    expect(dollars['queues of relays']).toBe(0);
    expect(dollars['polls of the feed']).toBeGreaterThan(1);
  });

  it.each<[string, Partial<Load>]>([
    ['proxies', { proxies: 2_000 }],
    ['changes', { changesPerHour: 120 }],
    ['relays', { relays: 3 }],
  ])('grows with %s', (_, more) => {
    expect(totalOf(billOf(deps, { ...load, ...more }))).toBeGreaterThan(totalOf(billOf(deps, load)));
  });

  it.each([
    [600, 0.25, 0.5],
    [601, 0.5, 1],
    [1_400, 0.5, 1],
    [1_401, 1, 2],
  ])('gives two relays the size that one of them needs for %i proxies', (proxies, vcpu, gigabytes) => {
    const each = 730 * (vcpu * 0.032_38 + gigabytes * 0.003_56);
    expect(dollarsOf('relays', { ...load, proxies })).toBeCloseTo(2 * each, 9);
  });

  it('takes off what Spot capacity is cheaper by', () => {
    const { spotShare } = deps.assumptions;
    const assumptions = { ...deps.assumptions, spotShare: { ...spotShare, value: 0.5 } };
    const spot = billOf({ ...deps, assumptions }, load).find(({ name }) => name === 'relays');
    expect(spot?.dollars).toBeCloseTo(dollarsOf('relays') * 0.65, 9);
  });
});
