// A server that speaks enough of Redis's protocol (RESP 2) for a counter: PING, INCR, GET, INFO, QUIT.
// Arguments: --port PORT --name NAME; INFO tells the name, so that a client sees which instance answered.
import { createServer, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { createRespParser } from './resp.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, name: { type: 'string' } } });
const name = values.name ?? 'redis';
const counters = new Map<string, number>();
/** So that nobody fills the memory with names. */
const maxCounters = 1_000;

function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

function execute([command = '', key = '']: readonly string[], socket: Socket): string {
  switch (command.toUpperCase()) {
    case 'PING':
      return '+PONG\r\n';
    case 'INCR': {
      if (!counters.has(key) && counters.size >= maxCounters) return '-ERR too many keys\r\n';
      const next = (counters.get(key) ?? 0) + 1;
      counters.set(key, next);
      return `:${next}\r\n`;
    }
    case 'GET': {
      const value = counters.get(key);
      return value === undefined ? '$-1\r\n' : bulk(String(value));
    }
    case 'INFO':
      return bulk(`# Server\r\nname:${name}\r\n`);
    case 'QUIT':
      socket.end();
      return '+OK\r\n';
    default:
      return `-ERR unknown command ${JSON.stringify(command.slice(0, 30))}\r\n`;
  }
}

const server = createServer((socket) => {
  const parser = createRespParser();
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    try {
      for (const request of parser.push(data)) socket.write(execute(request, socket));
    } catch {
      socket.end('-ERR Protocol error\r\n');
    }
  });
});
server.listen(Number(values.port ?? 6379), '127.0.0.1');
