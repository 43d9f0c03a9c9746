import { describe, expect, it } from 'vitest';
import { parseRequestUrl, parseUrl, type Url } from './url.ts';

const empty: Url = { scheme: '', opaque: '', user: undefined, host: '', port: '', path: '', query: '' };

describe('parseUrl', () => {
  it.each<readonly [string, Partial<Url>]>([
    ['', {}],
    ['*', { path: '*' }],
    ['a/b', { path: 'a/b' }],
    ['//a/b', { host: 'a', path: '/b' }],
    ['///a', { path: '///a' }],
    ['HTTP://a:80/b?c#d', { scheme: 'http', host: 'a:80', port: '80', path: '/b', query: 'c' }],
    ['http://u:p@a', { scheme: 'http', user: 'u:p', host: 'a' }],
    ['http://@a', { scheme: 'http', user: '', host: 'a' }],
    ['http://[::1]:80', { scheme: 'http', host: '[::1]:80', port: '80' }],
    ['http://[fe80::1%25lo]', { scheme: 'http', host: '[fe80::1%25lo]' }],
    ['http://%c3%a9', { scheme: 'http', host: '%c3%a9' }],
    ['pg://a:1,b:2', { scheme: 'pg', host: 'a:1,b:2', port: '2' }],
    ['mailto:a@b?c', { scheme: 'mailto', opaque: 'a@b', query: 'c' }],
    ['a?%zz', { path: 'a', query: '%zz' }],
  ])('takes %j apart', (text, parts) => {
    expect(parseUrl(text)).toEqual({ ...empty, ...parts });
  });

  it.each([
    ':80',
    '1a:b',
    'a b:1/c',
    'http://a b',
    'http://a:b',
    'http://a:1:2',
    'http://[::1',
    'http://[1.2.3.4]',
    'http://[::1]a',
    'http://a[::1]',
    'http://%41',
    'http://a^b',
    'http://u^@a',
    'http://%zz@a',
    'a%zz',
    'a#%zz',
    'a\tb',
    'a\u007fb',
  ])('refuses %j', (text) => {
    expect(parseUrl(text)).toBeUndefined();
  });
});

describe('parseRequestUrl', () => {
  it.each<readonly [string, Partial<Url>]>([
    ['/a#b', { path: '/a#b' }],
    ['//a/b', { path: '//a/b' }],
    ['http://a/%20', { scheme: 'http', host: 'a', path: '/%20' }],
  ])('takes %j apart', (text, parts) => {
    expect(parseRequestUrl(text)).toEqual({ ...empty, ...parts });
  });

  it.each(['', 'a', 'a/b', 'http://a#b'])('refuses %j', (text) => {
    expect(parseRequestUrl(text)).toBeUndefined();
  });
});
