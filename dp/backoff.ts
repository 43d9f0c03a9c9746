/** How a client waits between tries. Times in milliseconds. */
export interface Backoff {
  /** The upper end of the first delay. */
  readonly base: number;
  /** The upper end of all delays. */
  readonly ceiling: number;
  /** A number from 0 to below 1. */
  readonly random: () => number;
}

/**
 * The delay before try number `attempt` (1 for the first one after a failure), with exponential growth and full jitter: anything between
 * zero and the bound is as likely, so that a crowd of proxies that failed together does not come back together.
 *
 * @param retryAfter What the server asked for, in milliseconds; then it is waited for, and the jitter comes on top.
 */
export function nextDelay(attempt: number, backoff: Backoff, retryAfter: number | undefined): number {
  const bound = Math.min(backoff.ceiling, backoff.base * 2 ** Math.min(attempt - 1, 30));
  return retryAfter === undefined
    ? backoff.random() * bound
    : retryAfter + backoff.random() * Math.min(bound, backoff.base);
}

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): seconds or a date.
 *
 * @returns milliseconds from `now`, undefined where the header is absent or unreadable.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1_000;
  // Date.parse takes far more than HTTP dates, such as -1.
  const date = /^\s*[A-Z][a-z]+, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
