import { describe, expect, it } from 'vitest';
import {
  isCidr,
  isHostName,
  isIpAddress,
  isUnspecified,
  parseRequestUri,
  splitAddress,
  splitHostPort,
} from './addresses.ts';

describe('isIpAddress', () => {
  it.each(['10.0.0.1', '::1', '::ffff:10.0.0.1', '0.0.0.0', 'fe80::1'])('takes %s', (text) => {
    expect(isIpAddress(text)).toBe(true);
  });
  it.each(['', 'localhost', '10.0.0', '010.0.0.1', '256.0.0.1', 'fe80::1%eth0', '10.0.0.1:80', ':::'])(
    'refuses %j',
    (text) => {
      expect(isIpAddress(text)).toBe(false);
    },
  );
});

describe('isCidr', () => {
  it.each([
    '10.0.0.0/8',
    '10.0.0.1/32',
    '0.0.0.0/0',
    '10.0.0.0/08',
    '::/0',
    'fe80::1/128',
    '::ffff:1.2.3.4/96',
  ])('takes %s', (text) => {
    expect(isCidr(text)).toBe(true);
  });
  it.each([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '/8',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/+8',
    '10.0.0.0/8/8',
    'fe80::1%lo/64',
    'a/8',
  ])('refuses %j', (text) => {
    expect(isCidr(text)).toBe(false);
  });
});

describe('isHostName', () => {
  it.each(['a', 'gw.example', 'a_b.example', 'A-1.example.', '1.example'])('takes %s', (text) => {
    expect(isHostName(text)).toBe(true);
  });
  it.each([
    '',
    'not a name',
    '-a',
    'a..b',
    '10.0.0.1',
    `${'a'.repeat(64)}.b`,
    Array(129).fill('ab').join('.'),
  ])('refuses %j', (text) => {
    expect(isHostName(text)).toBe(false);
  });
});

it.each([
  ['0.0.0.0', true],
  ['::', true],
  ['::0', true],
  ['0:0:0:0:0:0:0:0', true],
  ['::1', false],
  ['10.0.0.0', false],
  ['0', false],
  ['...', false],
])('tells whether %s stands for every interface: %s', (text, expected) => {
  expect(isUnspecified(text)).toBe(expected);
});

it.each([
  ['a:80', { host: 'a', port: '80' }],
  ['[::1]:80', { host: '::1', port: '80' }],
  ['::1:80', undefined],
  [':80', undefined],
  ['a:', undefined],
  ['a', undefined],
])('splits %s', (text, expected) => {
  expect(splitHostPort(text)).toEqual(expected);
});

it.each([
  [':80', { host: '', port: '80' }],
  ['a:', { host: 'a', port: '' }],
  ['[]:', { host: '', port: '' }],
  ['a', undefined],
  ['a:b:c', undefined],
  ['[a]b:c', undefined],
  ['[a:b', undefined],
  ['', undefined],
])('splits %s, however little is there', (text, expected) => {
  expect(splitAddress(text)).toEqual(expected);
});

it.each([
  ['/a', ''],
  ['/a b', ''],
  ['*', ''],
  ['//h:b/', ''],
  ['/x?%zz', ''],
  ['http://x/y', ''],
  ['http://x:9411/y', '9411'],
  ['http://u@[::1]:80', '80'],
  ['mailto:x', ''],
  ['', undefined],
  ['x', undefined],
  ['1x:y', undefined],
  ['?a', undefined],
  ['/%zz', undefined],
  ['/a\nb', undefined],
  ['http://a:b/', undefined],
  ['http://a b/', undefined],
])('reads %j as a request target with port %j', (text, port) => {
  expect(parseRequestUri(text)?.port).toBe(port);
});
