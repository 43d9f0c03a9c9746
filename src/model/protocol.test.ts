import { expect, it } from 'vitest';
import { commonProtocol, isHttp, parseProtocol } from './protocol.ts';

it.each([
  ['HTTP', 'http'],
  ['kafka', 'kafka'],
  ['carrier-pigeon', 'unknown'],
  ['', 'unknown'],
  [undefined, 'unknown'],
])('reads %s as %s', (text, protocol) => {
  expect(parseProtocol(text)).toBe(protocol);
});

it.each([
  ['http', 'http', 'http'],
  ['http', 'http2', 'tcp'],
  ['grpc', 'http2', 'http2'],
  ['grpc', 'http', 'tcp'],
  ['kafka', 'http', 'tcp'],
  ['http', 'unknown', 'unknown'],
  ['mysql', 'tcp', 'unknown'],
  ['mysql', 'mysql', 'mysql'],
] as const)('%s and %s have %s in common', (a, b, common) => {
  expect(commonProtocol(a, b)).toBe(common);
  expect(commonProtocol(b, a)).toBe(common);
});

it('knows the protocols with requests', () => {
  expect((['http', 'http2', 'grpc', 'tcp', 'kafka', 'unknown'] as const).filter(isHttp)).toEqual([
    'http',
    'http2',
    'grpc',
  ]);
});
