import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Carrier, type Condition, carry } from './carrier.ts';

/** The two ways of a link, named by where the bytes go. */
export type Way = 'toServer' | 'toClient';

/** A TCP proxy of the test's own, between a client and a server, that can be made as bad as a network. */
export interface FaultyLink {
  /** Where the client connects to. */
  readonly port: number;
  /** Connections that are open now, and all that ever were. */
  readonly open: number;
  readonly opened: number;
  /** Bytes that went each way so far. */
  readonly carried: Readonly<Record<Way, number>>;
  /** How the link is from now on, for open connections and new ones; nothing is wrong with what is not named. */
  set(condition: Partial<Record<Way, Condition>>): void;
  /** Nothing is carried any more, no end either: what a lost network looks like, on both ends or on one. */
  silence(...ways: readonly Way[]): void;
  /** Everything as it should be; what was held back is carried now. */
  heal(): void;
  /** Ends all connections: by FIN, or by RST. New ones are carried. */
  cut(how?: 'end' | 'reset'): void;
  /** Ends the connections on the client's side alone; the server is told of it when the link heals. */
  orphan(): void;
}

export interface FaultyLinkOptions {
  /** Whatever a client says is said to the server over a second connection, too; what that one answers is dropped. */
  readonly duplicate?: boolean;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  readonly carriers: Readonly<Record<Way, Carrier>>;
}

/** Starts a link to a port of this machine, which is taken down when the test ends. */
export async function startFaultyLink(
  serverPort: number,
  { duplicate = false }: FaultyLinkOptions = {},
): Promise<FaultyLink> {
  const pairs = new Set<Pair>();
  const carried = { toServer: 0, toClient: 0 };
  let opened = 0;
  let conditions: Partial<Record<Way, Condition>> = {};

  const count = (way: Way) => (bytes: number) => {
    carried[way] += bytes;
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const carriers = {
      toServer: carry(client, upstream, conditions.toServer ?? {}, count('toServer')),
      toClient: carry(upstream, client, conditions.toClient ?? {}, count('toClient')),
    };
    const pair: Pair = { client, server: upstream, carriers };
    pairs.add(pair);
    opened += 1;
    if (duplicate) {
      const second = connect(serverPort, '127.0.0.1');
      second.on('error', () => {}).resume();
      client.on('data', (bytes: Buffer) => second.write(bytes));
      client.on('close', () => second.destroy());
    }
    const leave = (other: Socket, way: Way) => () => {
      carriers[way].stop();
      if (client.destroyed && upstream.destroyed) {
        pairs.delete(pair);
      } else if (!carriers[way].silent) {
        other.destroy();
      }
    };
    client.on('close', leave(upstream, 'toServer'));
    upstream.on('close', leave(client, 'toClient'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('a TCP server has a port');
  }

  const set = (next: Partial<Record<Way, Condition>>) => {
    conditions = next;
    for (const { carriers, client, server: upstream } of pairs) {
      carriers.toServer.set(next.toServer ?? {});
      carriers.toClient.set(next.toClient ?? {});
      if (client.destroyed && !carriers.toServer.silent) {
        upstream.destroy();
      }
      if (upstream.destroyed && !carriers.toClient.silent) {
        client.destroy();
      }
    }
  };

  const link: FaultyLink = {
    port: address.port,
    get open() {
      return pairs.size;
    },
    get opened() {
      return opened;
    },
    carried,
    set,
    silence(...ways) {
      const both = ways.length === 0;
      set({
        ...((both || ways.includes('toServer')) && { toServer: { silent: true } }),
        ...((both || ways.includes('toClient')) && { toClient: { silent: true } }),
      });
    },
    heal: () => set({}),
    cut(how = 'end') {
      for (const { client, server: upstream } of pairs) {
        for (const socket of [client, upstream]) {
          if (how === 'reset') {
            socket.resetAndDestroy();
          } else {
            socket.destroy();
          }
        }
      }
    },
    orphan() {
      link.silence();
      for (const { client } of pairs) {
        client.destroy();
      }
    },
  };
  onTestFinished(() => {
    link.cut();
    server.close();
  });
  return link;
}
