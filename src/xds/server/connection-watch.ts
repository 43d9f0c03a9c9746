import type { TLSSocket } from 'node:tls';
import type { Clock, Logger } from '../../model/ports.ts';
import { isConnected } from './is-connected.ts';

export interface ConnectionWatchOptions {
  /** Milliseconds that a connection may be open before somebody was let in over it. */
  readonly strangerMs: number;
  /** Bytes that a peer may send at once. */
  readonly burstBytes: number;
  /** Bytes that it may send in a second, on and on. */
  readonly bytesPerSecond: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** A clock in milliseconds that only goes forward. */
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Looks after the connections of HTTP/2 now and then, and breaks those that take a place and are of no use: over which
 * nobody was let in, or that are flooded with what never becomes a request (pings, settings, frames of unknown types),
 * which HTTP/2 answers by itself and at no bound. And those whose peer has gone: where its reset meets a write of Node's HTTP/2
 * over TLS, the error of that write is told to nobody, the next write waits for ever and nothing is read meanwhile (seen in Node
 * 20, 22 and 24, of one in twenty connections that break while they are busy), so that only a ping would find it, much later.
 * Only what was written to since the last look is asked about, at some 3 microseconds each.
 */
export interface ConnectionWatch {
  add(socket: TLSSocket): void;
  /** Somebody was let in over the connection of this peer. */
  welcome(peer: string): void;
  stop(): void;
}

interface Watched {
  readonly socket: TLSSocket;
  readonly since: number;
  bytesRead: number;
  bytesWritten: number;
  /** Bytes that it may still send at once. */
  credit: number;
  welcome: boolean;
}

export function createConnectionWatch(options: ConnectionWatchOptions): ConnectionWatch {
  const { strangerMs, burstBytes, bytesPerSecond, everyMs, clock, logger } = options;
  const watched = new Map<string, Watched>();
  let lastLook = clock();

  const reasonToBreak = (each: Watched, now: number): string | undefined => {
    const bytes = each.socket.bytesRead - each.bytesRead;
    each.bytesRead += bytes;
    each.credit = Math.min(burstBytes, each.credit + ((now - lastLook) * bytesPerSecond) / 1000) - bytes;
    if (each.credit < 0) {
      return `it sent ${each.bytesRead} bytes in ${Math.round(now - each.since)} ms`;
    }
    const hasWritten = each.socket.bytesWritten !== each.bytesWritten;
    each.bytesWritten = each.socket.bytesWritten;
    if (hasWritten && !isConnected(each.socket)) {
      return 'its peer is gone';
    }
    const isOld = now - each.since >= strangerMs;
    return isOld && !each.welcome ? `nobody was let in over it within ${strangerMs} ms` : undefined;
  };

  const look = () => {
    const now = clock();
    for (const [peer, each] of watched) {
      const reason = reasonToBreak(each, now);
      if (reason !== undefined) {
        logger.info('a connection is broken', { peer, reason });
        each.socket.destroy();
      }
    }
    lastLook = now;
  };
  const timer = setInterval(look, everyMs);
  timer.unref();

  return {
    add(socket) {
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      const none = { bytesRead: 0, bytesWritten: 0, welcome: false };
      const each: Watched = { socket, since: clock(), credit: burstBytes, ...none };
      watched.set(peer, each);
      socket.on('close', () => {
        if (watched.get(peer) === each) {
          watched.delete(peer);
        }
      });
    },
    welcome(peer) {
      const each = watched.get(peer);
      if (each !== undefined) {
        each.welcome = true;
      }
    },
    stop: () => clearInterval(timer),
  };
}
