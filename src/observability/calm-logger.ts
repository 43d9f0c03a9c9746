import type { Clock, Logger } from '../model/ports.ts';

export interface CalmLoggerDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Hears how many lines of a level were left out just now. */
  readonly onSuppressed?: (level: keyof Logger, lines: number) => void;
}

/** How long one reckoning lasts, in milliseconds. */
const windowMs = 10_000;

/** Lines of the same message and tenant that are written within {@link windowMs}; the rest is counted. */
const budgets: Readonly<Record<keyof Logger, number>> = {
  debug: Number.POSITIVE_INFINITY,
  // A line a connection and its end: a fleet of thousands that comes back within seconds is written out.
  info: 5_000,
  warn: 20,
  error: 20,
};

/** Messages times tenants that are reckoned with at the same time; what comes beyond is written. */
const maxKeys = 10_000;

interface Window {
  readonly level: keyof Logger;
  readonly message: string;
  readonly tenant: unknown;
  readonly ends: number;
  lines: number;
}

/**
 * Keeps a storm from filling the log: of lines that say the same only the first ones of ten seconds are written, then
 * one that counts those left out, in `suppressed`. Tenants are reckoned apart, so that none can silence what is said
 * of another.
 */
export function createCalmLogger({ logger, clock, onSuppressed }: CalmLoggerDeps): Logger & { stop(): void } {
  const windows = new Map<string, Window>();
  let timer: NodeJS.Timeout | undefined;

  const close = (key: string, { level, message, tenant, lines }: Window) => {
    windows.delete(key);
    const suppressed = lines - budgets[level];
    if (suppressed > 0) {
      onSuppressed?.(level, suppressed);
      logger[level](message, { ...(tenant !== undefined && { tenant }), suppressed });
    }
  };

  const sweep = () => {
    const now = clock();
    for (const [key, window] of windows) {
      if (now >= window.ends) {
        close(key, window);
      }
    }
    if (windows.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };

  const isWithin = (level: keyof Logger, message: string, tenant: unknown): boolean => {
    const key = `${level} ${typeof tenant === 'string' ? tenant : ''} ${message}`;
    const now = clock();
    let window = windows.get(key);
    if (window !== undefined && now >= window.ends) {
      close(key, window);
      window = undefined;
    }
    if (window === undefined) {
      if (windows.size >= maxKeys) {
        return true;
      }
      window = { level, message, tenant, ends: now + windowMs, lines: 0 };
      windows.set(key, window);
      timer ??= setInterval(sweep, windowMs).unref();
    }
    window.lines += 1;
    return window.lines <= budgets[level];
  };

  const at = (level: keyof Logger) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (level === 'debug' || isWithin(level, message, fields?.tenant)) {
      logger[level](message, fields);
    }
  };

  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    /** Writes what was counted and not told yet. */
    stop() {
      clearInterval(timer);
      for (const [key, window] of [...windows]) {
        close(key, window);
      }
    },
  };
}
