import type { TLSSocket } from 'node:tls';

/** The open connections of the port, found by the address of their peer, which is all that a gRPC call tells. */
export interface Connections {
  add(socket: TLSSocket): void;
  /** The name of TLS (SNI) that the peer's connection was made with, in lower case. */
  servername(peer: string): string | undefined;
  /** Closes the peer's connection at once. */
  break(peer: string): void;
  breakAll(): void;
  readonly size: number;
}

/** Keeps the list of connections. */
export function createConnections(): Connections {
  const all = new Set<TLSSocket>();
  const byPeer = new Map<string, TLSSocket>();

  return {
    get size() {
      return all.size;
    },
    add(socket) {
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      all.add(socket);
      byPeer.set(peer, socket);
      socket.on('close', () => {
        all.delete(socket);
        if (byPeer.get(peer) === socket) {
          byPeer.delete(peer);
        }
      });
    },
    servername(peer) {
      const name = byPeer.get(peer)?.servername;
      return typeof name === 'string' ? name.toLowerCase() : undefined;
    },
    break(peer) {
      byPeer.get(peer)?.destroy();
    },
    breakAll() {
      for (const socket of all) {
        socket.destroy();
      }
    },
  };
}
