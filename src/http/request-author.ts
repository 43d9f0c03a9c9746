import type { User } from '../auth/user.ts';
import { type Author, plainAddress } from '../model/author.ts';

/** Whom the changes of a request are put down to. */
export function requestAuthor(user: User, peerAddress: string | undefined, requestId: string): Author {
  return {
    user: user.name,
    groups: user.groups,
    ...(peerAddress !== undefined && { address: plainAddress(peerAddress) }),
    requestId,
    source: 'api',
  };
}
