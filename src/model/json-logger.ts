import { inspect } from 'node:util';
import type { Logger } from './ports.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

/** Reads a level's name; `info` where it is unknown or absent. */
export function logLevel(text: string | undefined): LogLevel {
  return levels.find((level) => level === text) ?? 'info';
}

/** Errors have no members of their own that JSON would show; their cause says what was underneath. */
function readable(_key: string, value: unknown): unknown {
  if (value instanceof Error) {
    const { message, stack, cause } = value;
    return { message, ...('code' in value && { code: value.code }), stack, cause };
  }
  return value;
}

/** One line, whatever there is to be said: what JSON cannot hold, such as a circle, is described. */
function lineOf(entry: object, fields: Readonly<Record<string, unknown>> | undefined): string {
  try {
    return JSON.stringify({ ...entry, ...fields }, readable);
  } catch {
    return JSON.stringify({ ...entry, fields: inspect(fields) });
  }
}

/** Writes one JSON object a line; fields that redact themselves stay redacted. */
export function createJsonLogger(level: LogLevel, write: (line: string) => void): Logger {
  const threshold = levels.indexOf(level);
  const at = (name: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (levels.indexOf(name) >= threshold) {
      write(lineOf({ time: new Date().toISOString(), level: name, message }, fields));
    }
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
