/** `n 3  p50 1.0 ms  p99 2.0 ms  max 2.0 ms` of durations in milliseconds. */
export function summary(milliseconds: readonly number[]): string {
  if (milliseconds.length === 0) {
    return 'none';
  }
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (quantile: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? 0).toFixed(1);
  return `n ${sorted.length}  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  max ${at(1)} ms`;
}
