import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLogger } from '../../model/ports.ts';
import { createReception, type ReceptionOptions } from './reception.ts';

/** A `ClientHello` with a host name and protocols, and nothing else that counts. */
function hello(servername: string, ...protocols: string[]): Buffer {
  const prefixed = (size: 1 | 2, ...parts: readonly Uint8Array[]) => {
    const body = Buffer.concat(parts);
    const length = Buffer.alloc(size);
    length.writeUIntBE(body.length, 0, size);
    return Buffer.concat([length, body]);
  };
  const sni = prefixed(2, Buffer.from([0]), prefixed(2, Buffer.from(servername)));
  const alpn = prefixed(2, ...protocols.map((protocol) => prefixed(1, Buffer.from(protocol))));
  const extensions = prefixed(
    2,
    ...[Buffer.from([0, 0]), prefixed(2, sni)],
    ...(protocols.length === 0 ? [] : [Buffer.from([0, 16]), prefixed(2, alpn)]),
  );
  const body = Buffer.concat([Buffer.alloc(34), Buffer.from([0, 0, 0, 0]), extensions]);
  const message = Buffer.concat([Buffer.from([1, 0, 0, body.length]), body]);
  return Buffer.concat([Buffer.from([22, 3, 1, 0, message.length]), message]);
}

/** Resolves when the other side has closed the connection, in whatever way. */
function closed(client: Socket): Promise<void> {
  client.resume();
  return new Promise((resolve) => {
    if (client.closed) {
      resolve();
    } else {
      client.on('close', () => resolve());
    }
  });
}

/** A reception behind a port, whose turns come when the test says so. */
async function start(options: Partial<ReceptionOptions> = {}) {
  const turns: (() => void)[] = [];
  const log: string[] = [];
  const sockets: Socket[] = [];
  const reception = createReception({
    handshake(socket) {
      const bytes: unknown = socket.read();
      log.push(bytes instanceof Buffer ? `${/[a-z][\w.]+/.exec(bytes.toString('latin1'))?.[0]}` : 'nothing');
      socket.destroy();
    },
    isKnown: (servername) => servername.startsWith('known'),
    wantsBootstraps: () => true,
    helloMs: 60_000,
    streamWaitMs: 60_000,
    bootstrapWaitMs: 60_000,
    maxWaiting: 100,
    spreadMs: 0,
    perTurn: 2,
    nextTurn: (work) => turns.push(work),
    random: () => 0,
    logger: silentLogger,
    ...options,
  });
  const server = createServer((socket) => {
    sockets.push(socket);
    reception.accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    reception.close();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('a TCP server has a port');
  }
  const runTurn = () => {
    for (const work of turns.splice(0)) {
      work();
    }
  };
  return {
    reception,
    log,
    sockets,
    /** Connects and waits until the first bytes are read, where there are any. */
    async come(bytes?: Buffer): Promise<Socket> {
      const count = sockets.length;
      const client = connect(address.port, '127.0.0.1');
      client.on('error', () => {});
      onTestFinished(() => {
        client.destroy();
      });
      await vi.waitFor(() => expect(sockets).toHaveLength(count + 1), { interval: 1 });
      if (bytes !== undefined) {
        client.write(bytes);
        await vi.waitFor(() => expect(sockets[count]?.bytesRead).toBeGreaterThan(0), { interval: 1 });
      }
      return client;
    },
    /** A turn of the event loop, after one that belonged to those who came. */
    turn() {
      runTurn();
      runTurn();
    },
    runTurn,
  };
}

describe('createReception', () => {
  it('begins few handshakes in a turn, with all that was read', async () => {
    const { reception, come, turn, log } = await start();
    for (let count = 0; count < 5; count += 1) {
      await come(hello(`host${count}`, 'h2'));
    }
    expect(log).toEqual([]);
    expect(reception.waiting).toBe(5);
    turn();
    expect(log).toEqual(['host0', 'host1']);
    turn();
    turn();
    expect(log).toHaveLength(5);
    expect(reception.waiting).toBe(0);
  });

  it('begins none in a turn in which somebody came, but not for ever', async () => {
    const { come, runTurn, log } = await start({ perTurn: 1 });
    for (let count = 0; count < 8; count += 1) {
      await come(hello(`host${count}`, 'h2'));
      runTurn();
      expect(log).toEqual([]);
    }
    await come(hello('host8', 'h2'));
    runTurn();
    expect(log).toEqual(['host0']);
    await come(hello('host9', 'h2'));
    runTurn();
    expect(log).toEqual(['host0']);
    runTurn();
    expect(log).toEqual(['host0', 'host1']);
  });

  it('lets streams and bootstraps take turns', async () => {
    const { come, runTurn, log } = await start({ perTurn: 1 });
    for (const [name, protocol] of Object.entries({
      s1: 'h2',
      s2: 'h2',
      s3: 'h2',
      b1: 'http/1.1',
      b2: 'http/1.1',
    })) {
      await come(hello(name, protocol));
    }
    for (let turns = 0; turns < 6; turns += 1) {
      runTurn();
    }
    expect(log).toEqual(['s1', 'b1', 's2', 'b2', 's3']);
  });

  it('lets host names take turns, those that nobody was let in under for the share of one', async () => {
    const { come, turn, log } = await start({ perTurn: 8 });
    for (const name of ['known.a', 'known.a', 'known.a', 'x', 'yy', 'known.b', 'zz', 'known.b']) {
      await come(hello(`${name}`.padEnd(2, 'x'), 'h2'));
    }
    turn();
    expect(log).toEqual(['known.a', 'xx', 'known.b', 'known.a', 'yy', 'known.b', 'known.a', 'zz']);
  });

  it('leaves those outside who are to ask for bootstraps while none are wanted', async () => {
    let wanted = false;
    const { reception, come, turn, log } = await start({ wantsBootstraps: () => wanted });
    await come(hello('bootstrap'));
    await come(hello('both', 'h2', 'http/1.1'));
    await come(hello('stream', 'h2'));
    turn();
    turn();
    expect(log).toEqual(['stream']);
    wanted = true;
    reception.wake();
    turn();
    expect(log).toEqual(['stream', 'bootstrap', 'both']);
  });

  it('waits for a first message that comes in pieces', async () => {
    const { come, turn, log } = await start();
    const bytes = hello('pieces', 'h2');
    const client = await come(bytes.subarray(0, 20));
    turn();
    expect(log).toEqual([]);
    client.write(bytes.subarray(20));
    await vi.waitFor(() => {
      turn();
      expect(log).toEqual(['pieces']);
    });
  });

  it('forgets those who go', async () => {
    const { reception, come, turn, log } = await start();
    const silent = await come();
    const waiting = await come(hello('gone', 'h2'));
    await come(hello('here', 'h2'));
    expect(reception.waiting).toBe(3);
    silent.destroy();
    waiting.end();
    await vi.waitFor(() => expect(reception.waiting).toBe(1));
    turn();
    expect(log).toEqual(['here']);
  });

  it.each([
    ['who say nothing', undefined, { helloMs: 10 }],
    ['who want a stream and whose turn does not come', hello('late', 'h2'), { streamWaitMs: 10 }],
    ['who want a bootstrap and whose turn does not come', hello('late'), { bootstrapWaitMs: 10 }],
    ['who speak no TLS', Buffer.from('GET / HTTP/1.1\r\n\r\n'), {}],
    [
      'who say too much at first',
      Buffer.concat([Buffer.from([22, 3, 1, 255, 255]), Buffer.alloc(17_000)]),
      {},
    ],
    ['who are too many', hello('many', 'h2'), { maxWaiting: 0 }],
  ])('closes those %s', async (_what, bytes, options) => {
    const { reception, come, log } = await start(options);
    const client = await come();
    if (bytes !== undefined) {
      client.write(bytes);
    }
    await closed(client);
    await vi.waitFor(() => expect(reception.waiting).toBe(0));
    expect(log).toEqual([]);
  });

  it('closes those who are too many one after the other', async () => {
    const drawn = [0.9, 0];
    const { come } = await start({ maxWaiting: 0, spreadMs: 60, random: () => drawn.shift() ?? 0 });
    const order: string[] = [];
    const late = await come();
    const early = await come();
    await Promise.all(
      Object.entries({ late, early }).map(async ([name, client]) => {
        await closed(client);
        order.push(name);
      }),
    );
    expect(order).toEqual(['early', 'late']);
  });

  it('closes all when it is closed, and those who come afterwards', async () => {
    const { reception, come } = await start();
    const waiting = await come(hello('one', 'h2'));
    reception.close();
    await closed(waiting);
    await closed(await come());
    expect(reception.waiting).toBe(0);
  });
});
