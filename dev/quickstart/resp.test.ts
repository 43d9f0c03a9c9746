import { describe, expect, it } from 'vitest';
import { createRespParser, readReplies, respRequest } from './resp.ts';

describe('createRespParser', () => {
  it('reads requests however they are cut', () => {
    const bytes = Buffer.from(`${respRequest('INCR', 'visits')}PING\r\n${respRequest('GET', '')}`);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const parser = createRespParser();
      const requests = [...parser.push(bytes.subarray(0, cut)), ...parser.push(bytes.subarray(cut))];
      expect(requests).toEqual([['INCR', 'visits'], ['PING'], ['GET', '']]);
    }
  });

  it.each(['*x\r\n', '*1\r\nabc\r\n', '*1\r\n$-1\r\n', '*999999\r\n', 'x'.repeat(70_000)])(
    'refuses %s',
    (text) => {
      expect(() => createRespParser().push(Buffer.from(text))).toThrow();
    },
  );
});

describe('readReplies', () => {
  it('reads what is whole', () => {
    expect(readReplies(':3\r\n+OK\r\n$-1\r\n$2\r\nab\r\n-ERR no\r\n$5\r\nab')).toEqual([
      3,
      'OK',
      null,
      'ab',
      new Error('ERR no'),
    ]);
  });
});
