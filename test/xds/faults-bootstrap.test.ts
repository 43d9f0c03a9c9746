import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { connectTls, createSessions, startRelay } from './relay-fixture.ts';
import { startBystanders, tenantByToken } from './support/bystanders.ts';

const impatient = { httpRequestMs: 300, httpIdleMs: 200, farewellMs: 100, maxBodyBytes: 10_000 };

/** A relay that notes what bootstraps it is asked for, with proxies on it that must not notice. */
async function start() {
  const sessions = createSessions(() => undefined);
  const bodies: string[] = [];
  const relay = await startRelay({
    sessions,
    tenantOf: tenantByToken,
    settings: impatient,
    bootstrap: async ({ body }) => {
      bodies.push(body);
      return { status: 200, contentType: 'text/plain', body: 'here' };
    },
  });
  return { relay, bodies, bystanders: await startBystanders(relay, sessions) };
}

/** All that is answered until the connection is closed. */
function answers(socket: TLSSocket): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.on('close', () => resolve(text));
  });
}

/** Says a piece every few milliseconds for as long as anybody listens. */
function trickle(socket: TLSSocket, piece: string) {
  const timer = setInterval(() => socket.write(piece), 10);
  socket.on('close', () => clearInterval(timer));
}

const post = (...headers: readonly string[]) =>
  `${['POST /bootstrap HTTP/1.1', 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`;
const smuggled = post('Content-Length: 8').concat('smuggled');

interface Fault {
  readonly fault: string;
  readonly says: string;
  /** Said again and again after that. */
  readonly piece?: string;
  /** Statuses that are answered before the connection is closed. */
  readonly statuses: readonly number[];
  /** Bodies that are taken for bootstrap requests. */
  readonly bodies?: readonly string[];
}

const faults: readonly Fault[] = [
  {
    fault: 'headers that come a byte at a time',
    says: 'POST /bootstrap HTTP/1.1\r\nx: ',
    piece: 'x',
    statuses: [],
  },
  {
    fault: 'a body that comes a byte at a time',
    says: post('Content-Length: 9999'),
    piece: 'x',
    statuses: [],
  },
  {
    fault: 'chunks that come a byte at a time',
    says: post('Transfer-Encoding: chunked'),
    piece: '1\r\nx\r\n',
    statuses: [],
  },
  { fault: 'nothing at all', says: '', statuses: [] },
  {
    fault: 'ten thousand chunks of a byte, and one more',
    says: `${post('Transfer-Encoding: chunked')}${'1\r\nx\r\n'.repeat(10_001)}`,
    statuses: [413],
  },
  {
    fault: 'a body that says that it is too long',
    says: post('Content-Length: 10001'),
    statuses: [413],
  },
  {
    fault: 'a chunk of more bytes than there are numbers',
    says: `${post('Transfer-Encoding: chunked')}ffffffffffffffffff\r\n`,
    statuses: [],
  },
  {
    fault: 'extensions of a chunk without end',
    says: `${post('Transfer-Encoding: chunked')}1;`,
    piece: 'x'.repeat(10_000),
    statuses: [],
  },
  { fault: 'more headers than there is room for', says: post(`x: ${'x'.repeat(20_000)}`), statuses: [] },
  {
    fault: 'both lengths (request smuggling, RFC 9112, section 6.1)',
    says: `${post('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
    statuses: [],
  },
  {
    fault: 'two lengths that differ',
    says: `${post('Content-Length: 4', 'Content-Length: 5')}abcd${smuggled}`,
    statuses: [],
  },
  { fault: 'a length that is no number', says: `${post('Content-Length: +4')}abcd${smuggled}`, statuses: [] },
  {
    fault: 'an encoding that is not the last one',
    says: `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n${smuggled}`,
    statuses: [],
  },
  {
    fault: 'a blank before a colon',
    says: `POST /bootstrap HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    statuses: [],
  },
  {
    fault: 'line ends without a carriage return',
    says: 'POST /bootstrap HTTP/1.1\nHost: x\nContent-Length: 4\n\nabcd',
    statuses: [],
  },
  {
    fault: 'chunks that end without a carriage return',
    says: `${post('Transfer-Encoding: chunked')}4\nabcd\n0\n\n${smuggled}`,
    statuses: [],
  },
  { fault: 'a tunnel', says: 'CONNECT other:443 HTTP/1.1\r\nHost: other\r\n\r\n', statuses: [] },
  {
    fault: 'a wish for another protocol, which is not granted',
    says: post(
      'Connection: Upgrade',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
      'Content-Length: 2',
    ).concat('hi'),
    statuses: [200],
    bodies: ['hi'],
  },
  {
    fault: 'two hundred requests at once, which are answered one by one',
    says: post('Content-Length: 2').concat('hi').repeat(200),
    statuses: Array.from({ length: 200 }, () => 200),
    bodies: Array.from({ length: 200 }, () => 'hi'),
  },
];

describe('a bootstrap with', () => {
  it.each(faults)(
    '$fault costs nobody else, and is closed',
    async ({ says, piece, statuses, bodies: want = [] }) => {
      const { relay, bodies, bystanders } = await start();
      const socket = await connectTls(relay, ['http/1.1']);
      const answered = answers(socket);
      socket.write(says);
      if (piece !== undefined) {
        trickle(socket, piece);
      }
      await bystanders.areServed();
      const found = (await answered).matchAll(/HTTP\/1\.1 (\d+) /g);
      expect(Array.from(found, ([, status]) => Number(status))).toEqual(statuses);
      expect(bodies).toEqual(want);
      await bystanders.areServed();
      expect(bystanders.undisturbed).toBe(true);
      await expect.poll(() => relay.server.load).toEqual({ connections: 2, streams: 2 });
    },
  );
});
