import { rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { ListenOptions } from 'node:net';
import { join } from 'node:path';
import { KumulusError } from '../src/model/errors.ts';

/** Tells on `/ready` whether this proxy should get traffic; Envoy's listener `kuma:envoy:admin` leads there. */
export interface ReadinessReporter {
  /** From now on the answer is 503 `TERMINATING`. */
  terminating(): void;
  close(): Promise<void>;
}

/** Where to report: a unix socket in the workdir, or an address and port. */
export type ReadinessPlace = { readonly path: string } | { readonly host: string; readonly port: number };

/**
 * The socket's path, which the control plane derives from the workdir in the same way: cut, so that it fits into the 104
 * bytes that a unix socket's path may have.
 */
export function readinessSocket(workDir: string): string {
  return `${join(workDir, 'kuma-readiness-reporter').slice(0, 98)}.sock`;
}

/**
 * Starts to report: 200 `READY`, until told otherwise.
 *
 * @throws KumulusError `unavailable` where the place cannot be listened on.
 */
export async function startReadinessReporter(place: ReadinessPlace): Promise<ReadinessReporter> {
  let state: 'READY' | 'TERMINATING' = 'READY';
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] === '/ready') answer(response, state === 'READY' ? 200 : 503, state);
    else answer(response, 404, 'not found');
  });
  server.requestTimeout = 5_000;
  if ('path' in place) await rm(place.path, { force: true });
  await listen(server, place);
  return {
    terminating() {
      state = 'TERMINATING';
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: ReturnType<typeof createServer>, place: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => {
      const where = place.path ?? `${place.host}:${place.port}`;
      reject(new KumulusError('unavailable', `cannot report readiness on ${where}: ${error.message}`));
    });
    server.listen(place);
  });
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': body.length,
    'cache-control': 'no-cache, max-age=0',
    'x-powered-by': 'kuma-dp',
  });
  response.end(body);
}
