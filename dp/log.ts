import { inspect } from 'node:util';
import type { Clock, Logger } from '../src/model/ports.ts';

const levels = ['debug', 'info', 'warn', 'error', 'off'] as const;

/** From what level on lines are written. */
export type LogLevel = (typeof levels)[number];

/**
 * A log for people who watch a terminal or `journalctl`: one line an event, the time in UTC, the level, the message, then its
 * fields as `name=value`.
 */
export function createLineLog(level: LogLevel, write: (line: string) => void, clock: Clock): Logger {
  const at =
    (own: Exclude<LogLevel, 'off'>) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (levels.indexOf(own) < levels.indexOf(level)) return;
      const details = Object.entries(fields).map(([name, value]) => ` ${name}=${show(value)}`);
      write(
        `${new Date(clock()).toISOString()} ${own.toUpperCase().padEnd(5)} ${message}${details.join('')}\n`,
      );
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY });
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
