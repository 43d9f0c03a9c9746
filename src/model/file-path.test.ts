import { expect, it } from 'vitest';
import { isFilePath } from './file-path.ts';

it.each(['/', '/a', '/tmp//a.log', '/é b', 'C:\\', 'c:\\a\\b.log', 'c:\\a\\'])('takes %j', (text) => {
  expect(isFilePath(text)).toBe(true);
});

it.each([
  '',
  'a',
  './a',
  'a/b',
  '/a\0b',
  'C:',
  'C:/a',
  'C:\\a:b',
  'C:\\a\\\\b',
  '\\\\a\\b',
  `C:\\${'a'.repeat(32_768)}`,
])('refuses %j', (text) => {
  expect(isFilePath(text)).toBe(false);
});
