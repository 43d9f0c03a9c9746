import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { forwardLines } from './lines.ts';

async function forward(...chunks: (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const written: string[] = [];
  forwardLines(stream, (line) => written.push(line));
  const closed = new Promise((resolve) => stream.on('close', resolve));
  for (const chunk of chunks) {
    stream.write(chunk);
    await new Promise(setImmediate);
  }
  stream.end();
  await closed;
  return written;
}

describe('forwardLines', () => {
  it('writes whole lines, however they come', async () => {
    expect(await forward('a\nb', 'c\n', 'd')).toEqual(['a\n', 'bc\n', 'd\n']);
  });

  it('keeps characters whole', async () => {
    const [first, second] = [Buffer.from('ä\n').subarray(0, 1), Buffer.from('ä\n').subarray(1)];
    expect(await forward(first, second)).toEqual(['ä\n']);
  });

  it('does not keep a line without an end forever', async () => {
    const written = await forward('x'.repeat(70_000), 'y');
    expect(written.map((line) => line.length)).toEqual([70_001, 2]);
  });
});
