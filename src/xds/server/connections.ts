import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Departing } from '../session.ts';
import { watchEnd } from './orderly-end.ts';

/** The open connections of the port, found by the address of their peer, which is all that a gRPC call tells. */
export interface Connections {
  /** A connection whose handshake begins. */
  accept(raw: Socket): void;
  add(socket: TLSSocket): void;
  /** The name of TLS (SNI) that the peer's connection was made with, in lower case. */
  servername(peer: string): string | undefined;
  /**
   * Tells, of a stream of the peer that is over, how the proxy went: by ending the stream or the connection in order, or
   * not. To be asked for while the connection is open.
   */
  departing(peer: string): Departing;
  /** Closes the peer's connection at once. */
  break(peer: string): void;
  breakAll(): void;
  readonly size: number;
}

interface Connection {
  readonly socket: TLSSocket;
  /** Looks where it stands. */
  look(): void;
  /** How it ended; undefined while it is open. */
  ended: ReturnType<Departing> | undefined;
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}

/** Keeps the list of connections. */
export function createConnections(): Connections {
  const all = new Set<TLSSocket>();
  const byPeer = new Map<string, Connection>();
  const accepted = new Map<string, Socket>();

  const watch = (socket: TLSSocket, raw: Socket | undefined): Connection => {
    const end = raw && watchEnd(raw, socket);
    const connection: Connection = { socket, ended: undefined, look: () => end?.look() };
    // What came with the end of the handshake is decrypted by then.
    setImmediate(connection.look);
    socket.on('end', () => {
      connection.ended ??= end?.isOrderly() === false ? 'lost' : 'left';
    });
    socket.on('error', () => {
      connection.ended ??= 'lost';
    });
    return connection;
  };

  return {
    get size() {
      return all.size;
    },
    accept(raw) {
      const peer = peerOf(raw);
      accepted.set(peer, raw);
      raw.on('close', () => accepted.delete(peer));
    },
    add(socket) {
      const peer = peerOf(socket);
      const connection = watch(socket, accepted.get(peer));
      all.add(socket);
      byPeer.set(peer, connection);
      socket.on('close', () => {
        all.delete(socket);
        if (byPeer.get(peer) === connection) {
          byPeer.delete(peer);
        }
      });
    },
    servername(peer) {
      const name = byPeer.get(peer)?.socket.servername;
      return typeof name === 'string' ? name.toLowerCase() : undefined;
    },
    departing(peer) {
      const connection = byPeer.get(peer);
      connection?.look();
      // What is closed and was not ended by the peer was broken from here: nothing was heard of it.
      return () => connection?.ended ?? (connection?.socket.destroyed === false ? 'left' : 'lost');
    },
    break(peer) {
      byPeer.get(peer)?.socket.destroy();
    },
    breakAll() {
      for (const socket of all) {
        socket.destroy();
      }
    },
  };
}
