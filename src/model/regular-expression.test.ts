import { expect, it } from 'vitest';
import { patternProblem } from './regular-expression.ts';

it.each([
  '',
  '^a.*b$',
  '(?i)a',
  '(?i:a)b',
  '(?P<name>a)',
  '[[:alpha:]]+',
  '\\pL\\d',
  '\\Q(\\E',
  '\\\\1',
  'a{2,3}?',
])('takes %j', (pattern) => {
  expect(patternProblem(pattern)).toBeUndefined();
});

it.each(['a(', '[', '*a', 'a(?=b)', '(?<!a)b', '(a)\\1', '(?<n>a)\\k<n>', 'a{3,2}'])(
  'refuses %j',
  (pattern) => {
    expect(patternProblem(pattern)).toMatch(/^error parsing regexp: .*`/);
  },
);
