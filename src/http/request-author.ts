import type { User } from '../auth/user.ts';
import type { Author } from '../model/author.ts';

/** How an IPv4 address looks to a socket that listens on IPv6 (RFC 4291, section 2.5.5.2). */
const mappedPrefix = '::ffff:';

/** Whom the changes of a request are put down to. */
export function requestAuthor(user: User, peerAddress: string | undefined, requestId: string): Author {
  const address = peerAddress?.startsWith(mappedPrefix)
    ? peerAddress.slice(mappedPrefix.length)
    : peerAddress;
  return {
    user: user.name,
    groups: user.groups,
    ...(address !== undefined && { address }),
    requestId,
    source: 'api',
  };
}
