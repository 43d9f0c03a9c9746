import { writeFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../src/model/ports.ts';
import { parseAccessLogEntry } from './access-log-entry.ts';
import { accessLogPath, openAccessLogPipe } from './access-log-pipe.ts';

describe('parseAccessLogEntry', () => {
  it.each([
    ['{"address":"127.0.0.1:9","message":"a b\\n"}', { host: '127.0.0.1', port: 9, text: 'a b\n' }],
    ['{"address":"logs:9","message":{"a":1}}', { host: 'logs', port: 9, text: '{"a":1}\n' }],
    ['{"address":"[::1]:9","message":"x"}', { host: '::1', port: 9, text: 'x' }],
    ['logs.local:514;GET / 200', { host: 'logs.local', port: 514, text: 'GET / 200\n' }],
    ['{"address":1,"message":"x"}', undefined],
    ['{"address":"logs","message":"x"}', undefined],
    ['{"address":"logs:70000","message":"x"}', undefined],
    ['no address', undefined],
    ['', undefined],
  ])('reads %s', (line, expected) => {
    expect(parseAccessLogEntry(line)).toEqual(expected);
  });
});

describe('openAccessLogPipe', () => {
  it('passes on what is written into the pipe, also after its writer went and came back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kumulus-al-'));
    let received = '';
    const server = createServer((socket) => {
      socket.setEncoding('utf8').on('data', (text: string) => {
        received += text;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const path = accessLogPath(folder, 'web-1', 'default');
    const pipe = await openAccessLogPipe(path, { log: silentLogger, clock: Date.now });
    onTestFinished(async () => {
      pipe.close();
      server.close();
      await rm(folder, { recursive: true });
    });
    const file = await stat(path);
    expect([file.isFIFO(), file.mode & 0o777]).toEqual([true, 0o600]);
    const line = (message: string) => `${JSON.stringify({ address: `127.0.0.1:${port}`, message })}\n`;
    writeFileSync(path, line('one\n') + line('two\n'));
    await expect.poll(() => received).toBe('one\ntwo\n');
    writeFileSync(path, `nonsense\n${line('three\n')}`);
    await expect.poll(() => received).toBe('one\ntwo\nthree\n');
  });

  it('lets the proxy go on where no pipe can be made', async () => {
    const warnings: string[] = [];
    const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const pipe = await openAccessLogPipe('/nowhere/at/all.sock', { log, clock: Date.now });
    pipe.close();
    expect(warnings).toEqual(['access logs over TCP are not available']);
  });
});
