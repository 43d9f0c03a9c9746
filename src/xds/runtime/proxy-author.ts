import { type Author, plainAddress, relayAuthor } from '../../model/author.ts';

/**
 * Whom what a proxy brings along is put down to: the relay, and the address that the proxy called from.
 *
 * @param peer as gRPC tells it: the address, a colon and the port.
 */
export function proxyAuthor(peer: string): Author {
  const address = plainAddress(peer.slice(0, Math.max(0, peer.lastIndexOf(':'))));
  return address === '' ? relayAuthor : { ...relayAuthor, address };
}
