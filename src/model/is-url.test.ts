import { expect, it } from 'vitest';
import { isUrl } from './is-url.ts';

it.each([
  'a:80',
  'aa.b',
  'a.b.',
  'otel-collector:4317',
  'my_svc.ns:80',
  'a--b.c',
  '10.0.0.1:5000',
  '999.1.1.12',
  '[::1]:5000',
  'http://a',
  'http://www.a',
  'http://user:p@host:1/x?y#z',
  'wss://é.example',
  'a@b.c',
  'a.b?%zz',
  'http://a:99999',
  `http://${'a'.repeat(2000)}`,
])('takes %j', (text) => {
  expect(isUrl(text)).toBe(true);
});

it.each([
  '',
  'a',
  'a.b/%zz',
  'abc',
  'a.b',
  'localhost',
  '.a.b',
  ':80',
  '//a.b',
  'a b.c',
  'not good',
  'HTTP://a.b',
  'grpc://a.b',
  'unix:/x',
  'http://',
  'http://.a',
  'a:123456',
  'a_b:80',
  'a---b:80',
  '-a.b',
  'a-:80',
  'a..b:1',
  'a.1:80',
  '[1.2.3.4]:80',
  'http://😀.example',
  `http://${'a'.repeat(2083)}`,
])('refuses %j', (text) => {
  expect(isUrl(text)).toBe(false);
});

it('is done with names made to be read in many ways at once', () => {
  expect(isUrl(`${'a-'.repeat(1000)}a_`)).toBe(false);
  expect(isUrl(`${'a@'.repeat(1000)}a_`)).toBe(false);
});
