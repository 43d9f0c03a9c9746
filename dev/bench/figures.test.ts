import { describe, expect, it } from 'vitest';
import { lineOf, machine, quantiles } from './figures.ts';

describe('figures', () => {
  it('are quantiles of what was measured', () => {
    const times = Array.from({ length: 200 }, (_, index) => index + 1).reverse();
    expect(quantiles(times)).toEqual({ count: 200, p50Ms: 101, p99Ms: 199, maxMs: 200 });
    expect(quantiles([])).toEqual({ count: 0 });
    expect(quantiles([0.12345])).toEqual({ count: 1, p50Ms: 0.123, p99Ms: 0.123, maxMs: 0.123 });
  });

  it('are told with their units', () => {
    const figures = {
      count: 3,
      p99Ms: 1.5,
      cpuSeconds: 0.2,
      residentMiB: 300,
      sentKiB: 0,
      quietAfterSeconds: 2,
    };
    expect(lineOf({ name: 'policy', figures })).toBe(
      'policy:      count 3, p99 1.5 ms, 0.2 CPU-s, resident 300 MiB, sent 0 KiB, quiet after 2 s',
    );
  });

  it('say what machine they are of', () => {
    expect(machine()).toMatchObject({ node: process.version });
  });
});
