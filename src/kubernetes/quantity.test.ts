import { expect, it } from 'vitest';
import { canonicalQuantity, isQuantity, milliQuantity } from './quantity.ts';

it.each([
  ['0', '0', 0],
  ['1', '1', 1_000],
  ['1000m', '1', 1_000],
  ['1100m', '1100m', 1_100],
  ['8.5', '8500m', 8_500],
  ['.5', '500m', 500],
  ['1500', '1500', 1_500_000],
  ['2000', '2k', 2_000_000],
  ['50M', '50M', 50_000_000_000],
  ['1.5Gi', '1536Mi', 1_610_612_736_000],
  ['1024Mi', '1Gi', 1_073_741_824_000],
  ['1512Mi', '1512Mi', 1_585_446_912_000],
  ['0.5Ki', '512', 512_000],
  ['1e3', '1e3', 1_000_000],
  ['12E-1', '1200e-3', 1_200],
  ['100u', '100u', 1],
  ['1n', '1n', 1],
  ['-500m', '-500m', -500],
])('%s is written %s and is %d thousandths', (text, canonical, thousandths) => {
  expect(isQuantity(text)).toBe(true);
  expect(canonicalQuantity(text)).toBe(canonical);
  expect(milliQuantity(text)).toBe(thousandths);
});

it.each(['', 'm', '1.5.5', '1 Gi', '1KB', '0x10', '1e', `${'9'.repeat(70)}`, 'NaN'])('%j is none', (text) => {
  expect(isQuantity(text)).toBe(false);
  expect(() => canonicalQuantity(text)).toThrow('is no quantity of Kubernetes');
});
