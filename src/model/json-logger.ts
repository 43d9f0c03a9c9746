import type { Logger } from './ports.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

/** Reads a level's name; `info` where it is unknown or absent. */
export function logLevel(text: string | undefined): LogLevel {
  return levels.find((level) => level === text) ?? 'info';
}

/** Errors have no members of their own that JSON would show; their cause says what was underneath. */
function readable(_key: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message, stack: value.stack, cause: value.cause } : value;
}

/** Writes one JSON object a line; fields that redact themselves stay redacted. */
export function createJsonLogger(level: LogLevel, write: (line: string) => void): Logger {
  const threshold = levels.indexOf(level);
  const at = (name: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (levels.indexOf(name) >= threshold) {
      write(JSON.stringify({ time: new Date().toISOString(), level: name, message, ...fields }, readable));
    }
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
