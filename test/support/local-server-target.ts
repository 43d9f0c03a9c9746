import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { outerAddress } from '../../dev/tools/outer-address.ts';
import type { ApiAnswer, ApiRequest } from './api-fixture.ts';
import { startControlPlaneProcess } from './control-plane-process.ts';
import type { ReplayTarget } from './replay.ts';

/** Nothing is computed by and by here; only what runs out of date needs its time. */
const longestWaitMs = 2_500;

/** The local server as a program of its own, asked over HTTP. */
export async function startLocalServerTarget(): Promise<ReplayTarget & { stop(): Promise<void> }> {
  const server = await startControlPlaneProcess();
  const { port } = new URL(server.api);
  return {
    stop: server.stop,
    advance: (milliseconds) => sleep(Math.min(milliseconds, longestWaitMs)),
    request: (method, path, sent) =>
      ask(sent.peer === undefined ? '127.0.0.1' : outer(), port, method, path, sent),
  };
}

function outer(): string {
  const address = outerAddress();
  if (address === undefined) {
    throw new Error('this machine has no address but the loopback');
  }
  return address;
}

function ask(host: string, port: string, method: string, path: string, sent: ApiRequest): Promise<ApiAnswer> {
  const text = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const all = {
    accept: 'application/json',
    ...(text !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
    }),
    ...sent.headers,
  };
  const headers = Object.fromEntries(
    Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined),
  );
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host, port, method, path, headers }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const answer = Buffer.concat(parts).toString('utf8');
        resolve({
          status: incoming.statusCode ?? 0,
          headers: new Headers(
            Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
          ),
          text: answer,
          body: jsonOrUndefined(answer),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
