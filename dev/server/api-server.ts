import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { getRequestListener, RequestError } from '@hono/node-server';
import { errorBody, requestIdHeader } from '../../src/http/errors.ts';
import { KumulusError } from '../../src/model/errors.ts';
import type { ServerTls } from './tls.ts';

/** The API on one port, with or without TLS. */
export interface ApiServer {
  readonly port: number;
  /** Takes no more connections, lets requests under way end for at most `graceMs`, then breaks what is left. */
  stop(graceMs: number): Promise<void>;
}

/** Time for the head of a request, in milliseconds; slow senders hold a socket no longer. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

export interface ApiServerOptions {
  readonly fetch: Parameters<typeof getRequestListener>[0];
  readonly port: number;
  readonly host?: string;
  readonly tls?: ServerTls;
  /** Whose clients are trusted, certificates in PEM. With TLS; callers are asked for a certificate where this is given. */
  readonly clientAuthorities?: readonly string[];
}

/** Listens; rejects with the system's error where the port is taken. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const listener = getRequestListener(options.fetch, { errorHandler: unreadable });
  const timeouts = { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs };
  const server: Server =
    options.tls === undefined
      ? createHttpServer(timeouts, listener)
      : createHttpsServer(
          {
            ...timeouts,
            cert: options.tls.certificate,
            key: options.tls.key.reveal(),
            ...clientOptions(options.clientAuthorities),
          },
          listener,
        );
  // Node would answer an expectation that it does not know by 417 and nothing else; one may also be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', listener);
  server.listen({ port: options.port, ...(options.host !== undefined && { host: options.host }) });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('the API has no port');
  }
  return { port: address.port, stop: (graceMs) => stop(server, graceMs) };
}

/** The answer to what never became a request: mostly a Host header or a path that is none. */
function unreadable(error: unknown): Response {
  const known =
    error instanceof RequestError
      ? new KumulusError('bad_request', 'bad request: the path or the Host header is none', { cause: error })
      : error;
  const requestId = randomUUID();
  const body = errorBody(known, requestId);
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { 'content-type': 'application/json', [requestIdHeader]: requestId },
  });
}

/** Who has a certificate of others, or none, is let through here: what that means is for the API to say. */
function clientOptions(authorities: readonly string[] | undefined) {
  return authorities === undefined
    ? {}
    : { requestCert: true, rejectUnauthorized: false, ca: [...authorities] };
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
