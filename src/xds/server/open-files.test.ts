import { describe, expect, it } from 'vitest';
import { mostConnections, openFilesIn } from './open-files.ts';

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 524288               files
Max locked memory         8388608              8388608              bytes
`;

describe('openFilesIn', () => {
  it.each([
    ['a limit', limits, 1024],
    ['none', limits.replace('1024  ', 'unlimited'), undefined],
    ['another text', '', undefined],
  ])('reads %s', (_what, text, want) => {
    expect(openFilesIn(text)).toBe(want);
  });
});

describe('mostConnections', () => {
  it('is a number of connections', () => {
    expect(mostConnections()).toBeGreaterThan(0);
  });
});
