import { describe, expect, it } from 'vitest';
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

  it.each([
    ['debug', 'debug'],
    ['loud', 'info'],
    [undefined, 'info'],
  ])('logLevel(%s) is %s', (text, level) => {
    expect(logLevel(text)).toBe(level);
  });
});
