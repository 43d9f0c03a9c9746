import { describe, expect, it } from 'vitest';
import { parseOptions, UsageError } from './options.ts';

describe('parseOptions', () => {
  it.each([
    {
      argv: [],
      want: {
        apiPort: 5681,
        apiTlsPort: 5682,
        dpPort: 5678,
        diagnosticsPort: 5680,
        data: '.kumulus',
        output: 'text',
      },
    },
    {
      argv: ['--api-port', '0'],
      want: {
        apiPort: 0,
        apiTlsPort: undefined,
        dpPort: 5678,
        diagnosticsPort: undefined,
        data: '.kumulus',
        output: 'text',
      },
    },
    {
      argv: ['--api-port', '1', '--api-tls-port', '0', '--dp-port', '3', '--data', 'd', '--output', 'json'],
      want: { apiPort: 1, apiTlsPort: 0, dpPort: 3, diagnosticsPort: undefined, data: 'd', output: 'json' },
    },
    {
      argv: ['--api-port', '1', '--diagnostics-port', '0'],
      want: {
        apiPort: 1,
        apiTlsPort: undefined,
        dpPort: 5678,
        diagnosticsPort: 0,
        data: '.kumulus',
        output: 'text',
      },
    },
    { argv: ['--help'], want: 'help' },
  ])('$argv', ({ argv, want }) => {
    expect(parseOptions(argv)).toEqual(want);
  });

  it.each([
    { argv: ['--api-port', 'x'], message: '--api-port takes a port between 0 and 65535, got "x"' },
    { argv: ['--dp-port', '65536'], message: '--dp-port takes a port between 0 and 65535, got "65536"' },
    { argv: ['--output', 'xml'], message: '--output takes text or json, got "xml"' },
    { argv: ['--colour'], message: "Unknown option '--colour'" },
  ])('$argv is refused', ({ argv, message }) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });
});
