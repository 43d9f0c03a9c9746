/** The largest count of nanoseconds that Go's `time.Duration` holds. */
const maxNanoseconds = 2n ** 63n - 1n;

const nanosecondsPerUnit: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Text that is no duration; the message is what Go's `time.ParseDuration` says. */
export class DurationError extends Error {
  constructor(message: string) {
    super(`time: ${message}`);
    this.name = 'DurationError';
  }
}

/**
 * Reads a duration in Go's notation (`1h30m`, `-1.5s`, `0`).
 *
 * @returns nanoseconds.
 * @throws DurationError in the words of Go, such as `time: unknown unit "d" in duration "7d"`.
 */
export function parseDuration(text: string): bigint {
  const negative = text.startsWith('-');
  const size = parseSize(negative || text.startsWith('+') ? text.slice(1) : text, goQuote(text));
  if (size > (negative ? maxNanoseconds + 1n : maxNanoseconds)) {
    throw new DurationError(`invalid duration ${goQuote(text)}`);
  }
  return negative ? -size : size;
}

/** Adds up numbers with units, such as `1h30m`. */
function parseSize(text: string, quoted: string): bigint {
  if (text === '0') {
    return 0n;
  }
  let total = 0n;
  let rest = text;
  do {
    const [number = '', whole = '', fraction = ''] = /^(\d*)(?:\.(\d*))?/.exec(rest) ?? [];
    if (whole === '' && fraction === '') {
      throw new DurationError(`invalid duration ${quoted}`);
    }
    const unit = /^[^.\d]*/.exec(rest.slice(number.length))?.[0] ?? '';
    if (unit === '') {
      throw new DurationError(`missing unit in duration ${quoted}`);
    }
    const nanoseconds = Object.hasOwn(nanosecondsPerUnit, unit) ? nanosecondsPerUnit[unit] : undefined;
    if (nanoseconds === undefined) {
      throw new DurationError(`unknown unit ${goQuote(unit)} in duration ${quoted}`);
    }
    total += scale(whole, fraction, nanoseconds);
    if (total > maxNanoseconds + 1n) {
      throw new DurationError(`invalid duration ${quoted}`);
    }
    rest = rest.slice(number.length + unit.length);
  } while (rest !== '');
  return total;
}

/** The same as {@link parseDuration}, in milliseconds with a fraction: what timers and Envoy builders calculate with. */
export function parseMilliseconds(text: string): number {
  return Number(parseDuration(text)) / 1e6;
}

/** Whether {@link parseDuration} takes the text. */
export function isDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch {
    return false;
  }
}

/** Writes nanoseconds as Go's `Duration.String` does: `1h0m0s`, `500ms`, `1.5s`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) {
    return '0s';
  }
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000n) {
    return `${sign}${size}ns`;
  }
  if (size < 1_000_000n) {
    return `${sign}${decimal(size, 1_000n, 3)}µs`;
  }
  if (size < 1_000_000_000n) {
    return `${sign}${decimal(size, 1_000_000n, 6)}ms`;
  }
  const minutes = size / 60_000_000_000n;
  const seconds = decimal(size % 60_000_000_000n, 1_000_000_000n, 9);
  if (minutes === 0n) {
    return `${sign}${seconds}s`;
  }
  const hours = minutes / 60n;
  return hours === 0n ? `${sign}${minutes}m${seconds}s` : `${sign}${hours}h${minutes % 60n}m${seconds}s`;
}

/** Writes nanoseconds as protobuf's JSON does: seconds with 0, 3, 6 or 9 decimals (`1.500s`). */
export function formatProtoDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const decimals = (size % 1_000_000_000n)
    .toString()
    .padStart(9, '0')
    .replace(/(000){1,3}$/, '');
  return `${sign}${size / 1_000_000_000n}${decimals === '' ? '' : `.${decimals}`}s`;
}

/** Digits before and after the point, times a unit; what is finer than a nanosecond is cut off, as Go does. */
function scale(whole: string, fraction: string, unit: bigint): bigint {
  // Eighteen decimals are more than a nanosecond of an hour; longer texts would only cost time.
  const digits = fraction.slice(0, 18);
  return (
    BigInt(whole.slice(0, 25) === '' ? '0' : whole.slice(0, 25)) * unit +
    (digits === '' ? 0n : (BigInt(digits) * unit) / 10n ** BigInt(digits.length))
  );
}

function decimal(value: bigint, unit: bigint, places: number): string {
  const fraction = (value % unit).toString().padStart(places, '0').replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}

/** As Go's `time` quotes what it cannot read: octets that are not printable ASCII in hexadecimal. */
function goQuote(text: string): string {
  const quoted = text
    .replace(/["\\]/g, '\\$&')
    .replace(/[^ -\u007f]/gu, (character) =>
      [...Buffer.from(character)].map((octet) => `\\x${octet.toString(16).padStart(2, '0')}`).join(''),
    );
  return `"${quoted}"`;
}
