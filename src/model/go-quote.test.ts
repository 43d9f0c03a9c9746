import { expect, it } from 'vitest';
import { goQuote } from './go-quote.ts';

it.each([
  ['', '""'],
  ['a b', '"a b"'],
  ['"\\\n', '"\\"\\\\\\n"'],
  ['\x07\x00\x7f', '"\\a\\x00\\x7f"'],
  ['é€', '"é€"'],
  ['\u00a0\u200b\ufeff', '"\\u00a0\\u200b\\ufeff"'],
  ['😀', '"😀"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('quotes %j as Go does', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted);
});
