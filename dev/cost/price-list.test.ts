import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPriceList } from './price-list.ts';

const text = readFileSync(new URL('prices.yml', import.meta.url), 'utf8');

describe('the price file', () => {
  it('gives the price of any amount', () => {
    const prices = readPriceList(text);
    expect(prices.of('writeUnit', 2_000_000)).toBe(1.25);
    expect(prices.of('balancerHour', 730)).toBeCloseTo(16.425);
    expect(prices.of('event', 0)).toBe(0);
  });

  it.each([
    ['without a price', text.replace(/^ {2}readUnit:\n( {4}.*\n)+/m, ''), 'readUnit'],
    [
      'with an unknown one',
      `${text}  gold: { dollars: 1, per: 1, unit: g, source: https://example.com }\n`,
      'gold',
    ],
    ['with a negative one', text.replace('dollars: 0.625', 'dollars: -1'), 'dollars'],
    ['for nothing', text.replace('per: 1000000', 'per: 0'), 'per'],
    ['without a date', text.replace(/^asOf.*\n/m, ''), 'asOf'],
    ['that is none', 'prices', 'object'],
  ])('%s is refused by name', (_, changed, named) => {
    expect(() => readPriceList(changed)).toThrow(named);
  });
});
