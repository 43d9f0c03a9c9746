import type { TLSSocket } from 'node:tls';

/**
 * Whether the system still knows the connection's peer: it does until a reset has come from it. Node has no word for that:
 * `remoteAddress` is what it was when it was asked for first, so the socket's handle is asked, which Node does not document. Where
 * there is none to be asked, the connection counts as connected.
 */
export function isConnected(socket: TLSSocket): boolean {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null || !('getpeername' in handle)) {
    return true;
  }
  const { getpeername } = handle;
  return typeof getpeername !== 'function' || Reflect.apply(getpeername, handle, [{}]) === 0;
}
