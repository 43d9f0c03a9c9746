import { expect, it } from 'vitest';
import { amount, dataSize, money } from './figures.ts';

it.each([
  [0, '$0'],
  [0.000_021, '$0.00002'],
  [0.004, '$0.004'],
  [0.01, '$0.01'],
  [1.236, '$1.24'],
  [1_234.5, '$1,235'],
])('%d dollars are %s', (dollars, text) => {
  expect(money(dollars)).toBe(text);
});

it.each([
  [0.4, '0'],
  [43_800, '43,800'],
  [1_051_200, '1.05 million'],
  [1_906_000_000, '1,906 million'],
])('%d is %s', (value, text) => {
  expect(amount(value)).toBe(text);
});

it.each([
  [0, '0 MB'],
  [0.000_04, '0.04 MB'],
  [0.328, '328 MB'],
  [1.5, '1.5 GB'],
])('%d GB are %s', (gigabytes, text) => {
  expect(dataSize(gigabytes)).toBe(text);
});
