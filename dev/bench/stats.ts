export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The middle, the 99th percentile and the largest of some numbers; undefined where there are none. */
export function spreadOf(numbers: readonly number[]): Spread | undefined {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (quantile: number) => sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))];
  const [p50, p99, max] = [at(0.5), at(0.99), at(1)];
  return p50 === undefined || p99 === undefined || max === undefined ? undefined : { p50, p99, max };
}

/** `n 3  p50 1.0 ms  p99 2.0 ms  max 2.0 ms` of durations in milliseconds. */
export function summary(milliseconds: readonly number[]): string {
  const spread = spreadOf(milliseconds);
  if (spread === undefined) {
    return 'none';
  }
  const { p50, p99, max } = spread;
  return `n ${milliseconds.length}  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  max ${max.toFixed(1)} ms`;
}
