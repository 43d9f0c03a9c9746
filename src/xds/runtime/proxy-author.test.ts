import { describe, expect, it } from 'vitest';
import { relayAuthor } from '../../model/author.ts';
import { proxyAuthor } from './proxy-author.ts';

describe('the author of what a proxy brings along', () => {
  it.each([
    ['10.0.0.1:40312', '10.0.0.1'],
    ['::ffff:10.0.0.1:40312', '10.0.0.1'],
    ['2001:db8::7:40312', '2001:db8::7'],
  ])('at %s has the address %s', (peer, address) => {
    expect(proxyAuthor(peer)).toStrictEqual({ ...relayAuthor, address });
  });

  it.each(['unknown', '', ':1'])('at %j has none', (peer) => {
    expect(proxyAuthor(peer)).toStrictEqual(relayAuthor);
  });
});
