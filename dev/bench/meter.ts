import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { portOf } from '../tools/free-port.ts';
import type { Capacity } from './capacity.ts';

/** What went through a meter since it was made. */
export interface Reading {
  /** DynamoDB's units and calls. */
  readonly writes: number;
  readonly reads: number;
  readonly calls: number;
  /** Calls one after the other: those that began before one of the same round had ended are of that round. */
  readonly rounds: number;
  /** Calls of KMS, of EventBridge, and of SQS: those that wait for messages count when they are answered, and in no round. */
  readonly keyCalls: number;
  readonly eventCalls: number;
  readonly queueCalls: number;
}

/** Stands between one process and its AWS and counts what it asks for. */
export interface Meter {
  /** To be used in place of the endpoint behind it. */
  readonly endpoint: string;
  read(): Reading;
  stop(): Promise<void>;
}

async function octets(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Starts one on a free port.
 *
 * @param capacity shared by all meters before one table, for it remembers the sizes of items.
 * @param callMs how much longer each call takes; 0 unless told. A local table answers so soon that calls side by side end
 *   one after the other.
 */
export async function startMeter(behind: string, capacity: Capacity, callMs = 0): Promise<Meter> {
  const reading = { writes: 0, reads: 0, calls: 0, rounds: 0, keyCalls: 0, eventCalls: 0, queueCalls: 0 };

  const count = (target: string, request: Buffer, answer: Buffer) => {
    const [service = '', operation = ''] = target.split('.');
    if (service.startsWith('DynamoDB')) {
      const units = capacity.add(
        operation,
        JSON.parse(request.toString()),
        JSON.parse(answer.toString() || '{}'),
      );
      reading.calls += 1;
      reading.writes += units.writes;
      reading.reads += units.reads;
    } else if (service.startsWith('Trent')) {
      reading.keyCalls += 1;
    } else if (service.startsWith('AWSEvents')) {
      reading.eventCalls += 1;
    } else if (service === 'AmazonSQS') {
      reading.queueCalls += 1;
    }
  };

  /** When the call ended that made the last round: what began before is of that round, and what began since of a new one. */
  let roundEnd = 0;
  const countRound = (began: number) => {
    if (began >= roundEnd) {
      reading.rounds += 1;
      roundEnd = performance.now();
    }
  };

  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const began = performance.now();
    const [body] = await Promise.all([octets(request), sleep(callMs)]);
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name)
        ? [[name, value]]
        : [],
    );
    const leaving = new AbortController();
    response.once('close', () => leaving.abort());
    const answer = await fetch(behind + (request.url ?? '/'), {
      method: request.method ?? 'POST',
      headers,
      body: new Uint8Array(body),
      signal: leaving.signal,
    });
    const answered = Buffer.from(await answer.arrayBuffer());
    const target = request.headers['x-amz-target'];
    const operation = typeof target === 'string' ? target : '';
    count(operation, body, answered);
    if (operation !== 'AmazonSQS.ReceiveMessage') {
      countRound(began);
    }
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'application/x-amz-json-1.0',
      'content-length': answered.length,
    });
    response.end(answered);
  };

  const server: Server = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => {
      // Who waited for messages may have gone.
      if (!response.destroyed) {
        console.error('the meter failed:', error);
        response.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    read: () => ({ ...reading }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
