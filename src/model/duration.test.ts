import { describe, expect, it } from 'vitest';
import {
  formatDuration,
  formatProtoDuration,
  isDuration,
  parseDuration,
  parseMilliseconds,
} from './duration.ts';

describe('parseDuration and formatDuration', () => {
  it.each([
    ['0', '0s'],
    ['-0s', '0s'],
    ['1h', '1h0m0s'],
    ['90m', '1h30m0s'],
    ['1.5h', '1h30m0s'],
    ['59s', '59s'],
    ['61s', '1m1s'],
    ['500ms', '500ms'],
    ['1500ms', '1.5s'],
    ['.5s', '500ms'],
    ['1.s', '1s'],
    ['+2s', '2s'],
    ['-1.5s', '-1.5s'],
    ['1us', '1µs'],
    ['1µs', '1µs'],
    ['1500ns', '1.5µs'],
    ['1ns', '1ns'],
    ['0.3ns', '0s'],
    ['1h2m3s4ms', '1h2m3.004s'],
    ['2562047h47m16.854775807s', '2562047h47m16.854775807s'],
    ['-2562047h47m16.854775808s', '-2562047h47m16.854775808s'],
  ])('reads %s and prints %s, as Go does', (text, printed) => {
    expect(formatDuration(parseDuration(text))).toBe(printed);
  });

  it.each([
    ['', 'time: invalid duration ""'],
    ['later', 'time: invalid duration "later"'],
    ['7d', 'time: unknown unit "d" in duration "7d"'],
    ['1 minute', 'time: unknown unit " minute" in duration "1 minute"'],
    ['5', 'time: missing unit in duration "5"'],
    ['1h5', 'time: missing unit in duration "1h5"'],
    ['.s', 'time: invalid duration ".s"'],
    ['-', 'time: invalid duration "-"'],
    ['2562047h47m16.854775808s', 'time: invalid duration "2562047h47m16.854775808s"'],
    [`${'9'.repeat(400)}s`, `time: invalid duration "${'9'.repeat(400)}s"`],
    ['1constructor', 'time: unknown unit "constructor" in duration "1constructor"'],
    ['a"b', 'time: invalid duration "a\\"b"'],
  ])('refuses %j in the words of Go', (text, message) => {
    expect(() => parseDuration(text)).toThrow(message);
    expect(isDuration(text)).toBe(false);
  });

  it('counts milliseconds with their fraction', () => {
    expect(parseMilliseconds('1.5ms')).toBe(1.5);
  });
});

describe('formatProtoDuration', () => {
  it.each([
    ['0s', '0s'],
    ['1.5s', '1.500s'],
    ['1us', '0.000001s'],
    ['1ns', '0.000000001s'],
    ['-1.5s', '-1.500s'],
    ['1h', '3600s'],
  ])('prints %s as %s', (text, printed) => {
    expect(formatProtoDuration(parseDuration(text))).toBe(printed);
  });
});
