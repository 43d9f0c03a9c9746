const millisecondsPerUnit: Readonly<Record<string, number>> = {
  y: 365 * 24 * 60 * 60 * 1000,
  w: 7 * 24 * 60 * 60 * 1000,
  d: 24 * 60 * 60 * 1000,
  h: 60 * 60 * 1000,
  m: 60 * 1000,
  s: 1000,
  ms: 1,
};

/** The longest time that Go's durations hold, some 292 years. */
const maxMilliseconds = 2 ** 63 / 1e6;

/**
 * Reads how long a certificate lives, in the notation of a mesh's CA backends: one number with one unit of
 * y, w, d, h, m, s or ms, or `0`.
 *
 * @returns milliseconds, undefined where the text is none.
 */
export function parseExpiration(text: string): number | undefined {
  if (text === '0') {
    return 0;
  }
  const [, number = '', unit = ''] = /^(\d+)(y|w|d|h|m|s|ms)$/.exec(text) ?? [];
  const milliseconds = Number(number) * (millisecondsPerUnit[unit] ?? Number.NaN);
  return milliseconds < maxMilliseconds ? milliseconds : undefined;
}
