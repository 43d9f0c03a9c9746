import { describe, expect, it } from 'vitest';
import { isDirectLoopback } from './loopback.ts';

type Case = readonly [peer: string | undefined, headers: Readonly<Record<string, string>>];

const ask = ([peerAddress, headers]: Case): boolean =>
  isDirectLoopback({ peerAddress, header: (name) => headers[name] });

const host = { host: '127.0.0.1:5681' };

describe('the machine itself', () => {
  it.each<Case>([
    ['127.0.0.1', host],
    ['127.9.9.9', host],
    ['::1', { host: '[::1]:5681' }],
    ['::ffff:127.0.0.1', host],
    ['127.0.0.1', { host: 'localhost' }],
    ['127.0.0.1', { host: 'LOCALHOST.:5681' }],
    ['127.0.0.1', { ...host, authorization: 'Bearer nonsense' }],
    ['127.0.0.1', { ...host, origin: 'http://127.0.0.1:5681' }],
    ['127.0.0.1', { host: 'localhost', origin: 'http://localhost:80' }],
    ['127.0.0.1', { host: 'localhost', origin: 'https://localhost' }],
    ['127.0.0.1', { ...host, 'sec-fetch-site': 'same-origin' }],
    ['127.0.0.1', { ...host, 'sec-fetch-site': 'none' }],
  ])('%s %j', (...given) => {
    expect(ask(given)).toBe(true);
  });
});

describe('somebody else', () => {
  it.each<Case>([
    [undefined, host],
    ['', host],
    ['10.0.0.1', host],
    ['::ffff:10.0.0.1', host],
    ['128.0.0.1', host],
    ['::2', { host: '[::1]:5681' }],
    ['localhost', host],
    // A header never makes a peer local.
    ['10.0.0.1', { ...host, 'x-forwarded-for': '127.0.0.1' }],
    // A proxy on the machine speaks for others.
    ['127.0.0.1', { ...host, 'x-forwarded-for': '127.0.0.1' }],
    ['127.0.0.1', { ...host, 'x-real-ip': '10.0.0.1' }],
    ['127.0.0.1', { ...host, forwarded: 'for=10.0.0.1' }],
    ['127.0.0.1', { ...host, via: '1.1 proxy' }],
    // A browser on the machine that was led here.
    ['127.0.0.1', { host: 'evil.example:5681' }],
    ['127.0.0.1', { host: 'localhost.evil.example' }],
    ['127.0.0.1', { host: 'user@localhost' }],
    ['127.0.0.1', { host: 'localhost/x' }],
    ['127.0.0.1', { host: '' }],
    ['127.0.0.1', {}],
    ['127.0.0.1', { ...host, origin: 'https://evil.example' }],
    ['127.0.0.1', { ...host, origin: 'http://127.0.0.1:3000' }],
    ['127.0.0.1', { ...host, origin: 'null' }],
    ['127.0.0.1', { ...host, origin: 'file://127.0.0.1:5681' }],
    ['127.0.0.1', { ...host, 'sec-fetch-site': 'cross-site' }],
    ['127.0.0.1', { ...host, 'sec-fetch-site': 'same-site' }],
  ])('%s %j', (...given) => {
    expect(ask(given)).toBe(false);
  });
});
