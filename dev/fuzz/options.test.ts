import { describe, expect, it } from 'vitest';
import { FuzzUsageError, parseFuzzOptions } from './options.ts';

describe('the command line of npm run fuzz', () => {
  it.each([
    [[], { requests: 20_000, seed: 1, engine: 'embedded' }],
    [['--requests', '500', '--seed', '7'], { requests: 500, seed: 7, engine: 'embedded' }],
    [['--engine', 'lambda'], { requests: 20_000, seed: 1, engine: 'lambda' }],
    [['--help'], 'help'],
  ])('%j is %j', (argv, options) => {
    expect(parseFuzzOptions(argv)).toEqual(options);
  });

  it.each([
    ['--requests', '0'],
    ['--requests', '1e3'],
    ['--seed', '-1'],
    ['--engine', 'both'],
    ['--what'],
    ['x'],
  ])('%j %j is not understood', (...argv) => {
    expect(() => parseFuzzOptions(argv)).toThrow(FuzzUsageError);
  });
});
