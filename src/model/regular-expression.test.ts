import { describe, expect, it } from 'vitest';
import { patternProblem } from './regular-expression.ts';

describe('patternProblem', () => {
  it.each([
    '',
    '^a.*b$',
    '(?i)a',
    '(?i:a)b',
    '(?i-s)a',
    '(?)',
    'a(?i)*',
    '(?P<name>a)',
    '(?<a>x)(?<a>y)',
    '[[:alpha:]]+',
    '[[:^digit:]x]',
    '[]a]',
    '[^]]',
    '[a-]',
    '[\\w-]',
    '[:a]',
    '\\pL\\d',
    '\\p{Greek}\\P{^L}',
    '\\Q(\\E',
    '\\Q(',
    '\\\\1',
    '\\x41\\x{10FFFF}\\07\\n\\_\\-\\/',
    'a{2,3}?',
    'a{,2}',
    'a{02}',
    '{',
    'x{1000}',
    '(a{20}){50}',
    '\\b*',
    '()*',
    '|a',
    '😀+',
  ])('takes %j', (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
  });

  it.each([
    ['a(', 'missing closing )'],
    ['a)', 'unexpected )'],
    ['[', 'missing closing ]'],
    ['[]', 'missing closing ]'],
    ['[a-', 'missing closing ]'],
    ['*a', 'missing argument to repetition operator'],
    ['a|*', 'missing argument to repetition operator'],
    ['(?i)*', 'missing argument to repetition operator'],
    ['a**', 'invalid nested repetition operator'],
    ['a{2}{3}', 'invalid nested repetition operator'],
    ['a{3,2}', 'invalid repeat count'],
    ['a{1001}', 'invalid repeat count'],
    ['a{2,1001}', 'invalid repeat count'],
    ['(a{50}){21}', 'invalid repeat count'],
    ['a(?=b)', 'invalid or unsupported Perl syntax'],
    ['(?>a)', 'invalid or unsupported Perl syntax'],
    ['(?i-)', 'invalid or unsupported Perl syntax'],
    ['(?<!a)b', 'invalid named capture'],
    ['(?P<>a)', 'invalid named capture'],
    ['(?<n>a)\\k<n>', 'invalid escape sequence'],
    ['(a)\\1', 'invalid escape sequence'],
    ['\\Z', 'invalid escape sequence'],
    ['\\C', 'invalid escape sequence'],
    ['\\8', 'invalid escape sequence'],
    ['\\é', 'invalid escape sequence'],
    ['\\x4', 'invalid escape sequence'],
    ['\\x{110000}', 'invalid escape sequence'],
    ['a\\', 'trailing backslash at end of expression'],
    ['[b-a]', 'invalid character class range'],
    ['[[:foo:]]', 'invalid character class range'],
    ['[a-\\d]', 'invalid escape sequence'],
    ['\\p{Foo}', 'invalid character class range'],
    ['\\p', 'invalid character class range'],
    ['('.repeat(1001), 'expression nests too deeply'],
  ])('refuses %j: %s', (pattern, words) => {
    expect(patternProblem(pattern)).toBe(`error parsing regexp: ${words}: \`${pattern}\``);
  });

  it('is done with long nonsense at once', () => {
    for (const part of ['[[:', '(?<a', '\\Q', 'a{1', '(?i-']) {
      expect(() => patternProblem(part.repeat(100_000))).not.toThrow();
    }
  });
});
