// A web service that counts its visits in Redis, which it reaches through its own proxy's outbound.
// Arguments: --port PORT --redis PORT. Answers {"visits": 3, "countedBy": "redis-1"}, or 502 with {"error": "…"}.
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { readReplies, respRequest } from './resp.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, redis: { type: 'string' } } });
const redisPort = Number(values.redis ?? 6379);
const timeout = 2_000;

/** One connection for each visit, so that every one of them meets the mesh's balancing and permissions anew. */
function countVisit(): Promise<{ visits: number; countedBy: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(redisPort, '127.0.0.1', () => {
      socket.write(respRequest('INCR', 'visits') + respRequest('INFO'));
    });
    let received = '';
    const fail = (reason: string) => {
      socket.destroy();
      reject(new Error(reason));
    };
    socket.setTimeout(timeout, () => fail(`redis did not answer within ${timeout / 1_000} s`));
    socket.on('error', (error) => fail(`redis cannot be reached: ${error.message}`));
    socket.on('close', () => fail('redis closed the connection without an answer'));
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
      const [visits, info] = readReplies(received);
      if (visits === undefined || info === undefined) return;
      const countedBy = /name:(\S+)/.exec(String(info))?.[1];
      if (typeof visits !== 'number' || countedBy === undefined) return fail('redis answered with an error');
      socket.destroy();
      resolve({ visits, countedBy });
    });
  });
}

const server = createServer((request, response) => {
  request.resume();
  const answer = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
  };
  countVisit().then(
    (visit) => answer(200, visit),
    (error: unknown) => answer(502, { error: error instanceof Error ? error.message : 'failed' }),
  );
});
server.listen(Number(values.port ?? 3000), '127.0.0.1');
