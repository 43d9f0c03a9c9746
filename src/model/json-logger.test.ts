import { describe, expect, it } from 'vitest';
import { KumulusError } from './errors.ts';
import { createJsonLogger, logLevel } from './json-logger.ts';
import { SecretValue } from './secret-value.ts';

describe('createJsonLogger', () => {
  it('writes what is of its level, one object a line, with errors that can be read and secrets that cannot', () => {
    const lines: string[] = [];
    const logger = createJsonLogger('warn', (line) => lines.push(line));
    logger.info('not this');
    logger.error('this', { error: new Error('broken', { cause: 'wire' }), token: new SecretValue('hush') });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      message: 'this',
      error: { message: 'broken', cause: 'wire' },
      token: '[redacted]',
    });
    expect(lines[0]).not.toContain('hush');
  });

  it('tells the code of an error and what was underneath, however deep', () => {
    const lines: string[] = [];
    const logger = createJsonLogger('info', (line) => lines.push(line));
    const underneath = new Error('below', { cause: new TypeError('at the bottom') });
    logger.warn('this', {
      error: new KumulusError('unavailable', 'the table is gone', { cause: underneath }),
    });
    expect(JSON.parse(lines[0] ?? '').error).toMatchObject({
      code: 'unavailable',
      message: 'the table is gone',
      stack: expect.stringContaining('json-logger.test'),
      cause: { message: 'below', cause: { message: 'at the bottom' } },
    });
  });

  it('writes one line for what JSON cannot hold, and no secret', () => {
    const lines: string[] = [];
    const logger = createJsonLogger('info', (line) => lines.push(line));
    const circle: Record<string, unknown> = { name: 'a\nb', count: 1n, token: new SecretValue('hush') };
    circle.self = circle;
    logger.error('this', { error: new Error('broken', { cause: circle }) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/\n|hush/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', message: 'this' });
  });

  it.each([
    ['debug', 'debug'],
    ['loud', 'info'],
    [undefined, 'info'],
  ])('logLevel(%s) is %s', (text, level) => {
    expect(logLevel(text)).toBe(level);
  });
});
