/** Through which part of the control plane a change came. */
export type AuthorSource =
  /** A request to the REST API. */
  | 'api'
  /** A proxy that brings its own resource along, or what a relay learned of it. */
  | 'relay'
  /** A job that runs on a schedule. */
  | 'job'
  /** The control plane itself, such as what a new tenant comes with. */
  | 'system';

/** Who makes a change, for its audit record and its event. */
export interface Author {
  /** The name of the user, as `/who-am-i` tells it; a name of the control plane's own where no user asked. */
  readonly user: string;
  readonly groups: readonly string[];
  /** The IP address from where the request came; absent where it did not come over the network. */
  readonly address?: string;
  /** The `x-request-id` of the request; absent where there was none. */
  readonly requestId?: string;
  readonly source: AuthorSource;
}

/** How an IPv4 address looks to a socket that listens on IPv6 (RFC 4291, section 2.5.5.2). */
const mappedPrefix = '::ffff:';

/** An address of a socket as people write it. */
export function plainAddress(address: string): string {
  return address.startsWith(mappedPrefix) ? address.slice(mappedPrefix.length) : address;
}

/** Whom the control plane's own changes are put down to, by where they come from. Kuma's prefix keeps users from such names. */
export const relayAuthor: Author = { user: 'mesh-system:relay', groups: [], source: 'relay' };
export const jobAuthor: Author = { user: 'mesh-system:job', groups: [], source: 'job' };
export const systemAuthor: Author = { user: 'mesh-system:control-plane', groups: [], source: 'system' };
