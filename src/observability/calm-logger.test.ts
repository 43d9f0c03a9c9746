import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../model/ports.ts';
import { createCalmLogger } from './calm-logger.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

function world() {
  const lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> | undefined }[] =
    [];
  const at = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    void lines.push({ level, message, fields });
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const suppressed: [string, number][] = [];
  const calm = createCalmLogger({
    logger,
    clock: Date.now,
    onSuppressed: (level, count) => suppressed.push([level, count]),
  });
  return { lines, suppressed, calm };
}

describe('createCalmLogger', () => {
  it('writes the first ones and counts the rest, however many they are', () => {
    const { lines, suppressed, calm } = world();
    for (let count = 0; count < 10_000; count += 1) {
      calm.warn('the feed could not be read', { attempt: count });
    }
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toEqual({
      level: 'warn',
      message: 'the feed could not be read',
      fields: { attempt: 19 },
    });
    vi.advanceTimersByTime(10_000);
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toEqual({
      level: 'warn',
      message: 'the feed could not be read',
      fields: { suppressed: 9_980 },
    });
    expect(suppressed).toEqual([['warn', 9_980]]);
  });

  it('writes again when the time is over, the count first', () => {
    const { lines, calm } = world();
    for (let count = 0; count < 21; count += 1) {
      calm.error('it failed', { tenant: 'a' });
    }
    vi.setSystemTime(1_010_000);
    calm.error('it failed', { tenant: 'a', after: true });
    expect(lines.slice(20)).toEqual([
      { level: 'error', message: 'it failed', fields: { tenant: 'a', suppressed: 1 } },
      { level: 'error', message: 'it failed', fields: { tenant: 'a', after: true } },
    ]);
  });

  it('reckons with each tenant, message and level apart', () => {
    const { lines, calm } = world();
    for (let count = 0; count < 100; count += 1) {
      calm.warn('it failed', { tenant: 'loud' });
    }
    calm.warn('it failed', { tenant: 'quiet' });
    calm.warn('it failed');
    calm.error('it failed', { tenant: 'loud' });
    calm.warn('something else', { tenant: 'loud' });
    expect(lines.slice(20).map(({ fields, ...line }) => ({ ...line, tenant: fields?.tenant }))).toEqual([
      { level: 'warn', message: 'it failed', tenant: 'quiet' },
      { level: 'warn', message: 'it failed', tenant: undefined },
      { level: 'error', message: 'it failed', tenant: 'loud' },
      { level: 'warn', message: 'something else', tenant: 'loud' },
    ]);
  });

  it('writes a line a connection and its end for thousands at once, and no more', () => {
    const { lines, calm } = world();
    for (let count = 0; count < 6_000; count += 1) {
      calm.info('a proxy is connected', { tenant: 'default', name: `p${count}` });
      calm.debug('a detail');
    }
    expect(lines.filter(({ level }) => level === 'info')).toHaveLength(5_000);
    expect(lines.filter(({ level }) => level === 'debug')).toHaveLength(6_000);
  });

  it('tells what it owes when it stops, once', () => {
    const { lines, calm } = world();
    for (let count = 0; count < 22; count += 1) {
      calm.warn('it failed');
    }
    calm.stop();
    calm.stop();
    vi.advanceTimersByTime(60_000);
    expect(lines.slice(20)).toEqual([{ level: 'warn', message: 'it failed', fields: { suppressed: 2 } }]);
  });
});
