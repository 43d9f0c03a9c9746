import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAssumptions } from './assumptions.ts';
import { readCostOptions } from './options.ts';

const defaults = readAssumptions(readFileSync(new URL('assumptions.yml', import.meta.url), 'utf8'));
const read = (...args: readonly string[]) => readCostOptions(args, defaults);

describe('the command line', () => {
  it.each<[readonly string[], object]>([
    [[], { proxies: 1_000, tenants: 10, idleTenants: 0, changesPerHour: 60, relays: 2 }],
    [['--proxies', '10000'], { proxies: 10_000, relays: 6 }],
    [['--proxies', '0', '--tenants', '0'], { proxies: 0, tenants: 0, relays: 2 }],
    [['--relays', '1', '--idle-tenants', '7'], { relays: 1, idleTenants: 7 }],
    [['--changes-per-hour', '0.5'], { changesPerHour: 0.5 }],
  ])('%j asks for %j', (args, load) => {
    expect(read(...args).load).toMatchObject(load);
  });

  it('takes another value for an assumption', () => {
    const { assumptions } = read('--set', 'restartsPerDay=2', '--set', 'zones=3');
    expect(assumptions.restartsPerDay).toMatchObject({ value: 2, why: 'as told' });
    expect(assumptions.zones.value).toBe(3);
    expect(assumptions.keys).toBe(defaults.keys);
    expect(read().assumptions).toStrictEqual(defaults);
  });

  it.each([
    [['--proxies', 'many'], '--proxies takes a number, got "many"'],
    [['--proxies=-1'], '--proxies takes a number, got "-1"'],
    [['--changes-per-hour', '1e3'], '--changes-per-hour takes a number'],
    [['--tenants', '0'], '--tenants must be 1 or more where there are proxies'],
    [['--set', 'luck=1'], 'there is no assumption "luck"'],
    [['--set', 'zones'], '--set zones takes a number, got ""'],
    [['--cheap'], 'cheap'],
  ])('%j is refused', (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });
});
