import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isKumulusError, KumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { Telemetry } from '../../model/telemetry.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Admission } from '../stream/admission.ts';
import type { RelaySettings } from './settings.ts';
import { hostWithoutPort, type TenantOf } from './tenant.ts';

/** A `POST /bootstrap` with its body. */
export interface BootstrapCall {
  readonly body: string;
  readonly accept: string | undefined;
  /** The host that the proxy was told to call, without the port. */
  readonly host: string;
  /** Whose proxy it is, for the token in the body. */
  tenantOf(token: string | undefined): Promise<TenantId>;
}

/** What is answered. */
export interface BootstrapAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body: string;
  readonly retryAfterSeconds?: number;
}

/** Answers bootstrap requests; what it throws is answered as 500, or 503 where it is `unavailable`. */
export type BootstrapHandler = (call: BootstrapCall) => Promise<BootstrapAnswer>;

export interface BootstrapEndpointDeps {
  readonly bootstrap: BootstrapHandler;
  readonly tenantOf: TenantOf;
  readonly admission: Admission;
  readonly settings: RelaySettings;
  readonly logger: Logger;
  readonly telemetry: Pick<Telemetry, 'bootstrapAnswered'>;
  /** Called when one is answered, whatever with. */
  readonly answered?: () => void;
}

/** The HTTP/1.1 side of the port. It is given connections and never listens itself. */
export interface BootstrapEndpoint {
  accept(socket: TLSSocket): void;
  /** Closes idle connections, and the others after their answer. */
  drain(): void;
}

/** One connection, and the time by which it must have said or heard something. */
interface Connection {
  readonly servername: string | undefined;
  /** Requests that are being answered; the next one may arrive before the last is quite over. */
  active: number;
  timer: NodeJS.Timeout;
}

const plainText = 'text/plain; charset=utf-8';

function refusal(error: unknown): BootstrapAnswer | undefined {
  if (isKumulusError(error, 'unavailable')) {
    const retryAfterSeconds = error.retryAfterSeconds ?? 1;
    return { status: 503, contentType: plainText, body: error.message, retryAfterSeconds };
  }
  if (isKumulusError(error, 'payload_too_large')) {
    return { status: 413, contentType: plainText, body: error.message };
  }
  return undefined;
}

/**
 * Reads a body, but not beyond the limit. The request is left as it is then, so that it can still be answered.
 *
 * @throws KumulusError `payload_too_large`
 */
function readBody(request: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = () => {
      request.pause();
      reject(new KumulusError('payload_too_large', `the body must be at most ${limit} bytes`));
    };
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      refuse();
      return;
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        refuse();
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

/** Serves `POST /bootstrap` and nothing else. */
export function createBootstrapEndpoint(deps: BootstrapEndpointDeps): BootstrapEndpoint {
  const { settings } = deps;
  const connections = new Map<Socket, Connection>();
  let draining = false;

  const answerTo = async (request: IncomingMessage, connection: Connection): Promise<BootstrapAnswer> => {
    const [path] = (request.url ?? '').split('?');
    if (path !== '/bootstrap') {
      return { status: 404, contentType: plainText, body: '404 page not found\n' };
    }
    const body = await readBody(request, settings.maxBodyBytes);
    clearTimeout(connection.timer);
    if (request.method !== 'POST') {
      // The reference takes the empty body of any method for a request that is no JSON.
      return { status: 400, body: '' };
    }
    const host = hostWithoutPort(request.headers.host ?? '');
    const servername = connection.servername ?? host.toLowerCase();
    const visitor = {
      tenant: await claimedTenant(servername, body),
      bytes: body.length,
      hasGone: () => request.socket.destroyed,
    };
    return deps.admission.run(visitor, () =>
      deps.bootstrap({
        body,
        accept: request.headers.accept,
        host,
        tenantOf: async (token) => deps.tenantOf({ servername, token }),
      }),
    );
  };

  /** Whose line it waits in, told without reading the body as JSON; nothing else is decided by it. */
  const claimedTenant = async (servername: string, body: string): Promise<string> => {
    const token = /"dataplaneToken"\s*:\s*"([\w.-]{1,16384})"/.exec(body)?.[1];
    try {
      return await deps.tenantOf({ servername, token });
    } catch {
      return servername;
    }
  };

  const write = (response: ServerResponse, answer: BootstrapAnswer, since: number) => {
    deps.telemetry.bootstrapAnswered(answer.status, performance.now() - since);
    const body = Buffer.from(answer.body);
    response.statusCode = answer.status;
    if (answer.contentType !== undefined) {
      response.setHeader('content-type', answer.contentType);
      response.setHeader('x-content-type-options', 'nosniff');
    }
    if (answer.retryAfterSeconds !== undefined) {
      response.setHeader('retry-after', String(answer.retryAfterSeconds));
    }
    response.setHeader('content-length', body.length);
    if (draining || answer.status === 413) {
      response.setHeader('connection', 'close');
    }
    response.end(body);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse, connection: Connection) => {
    const since = performance.now();
    try {
      write(response, await answerTo(request, connection), since);
    } catch (error) {
      if (request.socket.destroyed || response.headersSent) {
        return;
      }
      const answer = refusal(error);
      if (answer === undefined) {
        deps.logger.error('a bootstrap failed', { error });
      }
      write(response, answer ?? { status: 500, body: '' }, since);
    } finally {
      deps.answered?.();
    }
  };

  const http: Server = createServer({ maxHeaderSize: 16 * 1024 });
  http.maxHeadersCount = 64;
  http.on('clientError', (_error, socket) => socket.destroy());
  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const connection = connections.get(socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    const limit = (milliseconds: number, then: () => void) => {
      clearTimeout(connection.timer);
      connection.timer = setTimeout(then, milliseconds);
    };
    connection.active += 1;
    limit(settings.httpRequestMs, () => socket.destroy());
    response.on('close', () => {
      connection.active -= 1;
      if (connection.active === 0 && connections.has(socket)) {
        limit(settings.httpIdleMs, () => {
          // Timers come before sockets: after a busy moment the next request may be here already and not yet read.
          setImmediate(() => {
            if (connection.active === 0 && !socket.destroyed) {
              socket.end();
              limit(settings.farewellMs, () => socket.destroy());
            }
          });
        });
      }
    });
    void serve(request, response, connection);
  });

  return {
    accept(socket) {
      // Node checks request timeouts only for servers that listen themselves, so each connection has a timer.
      const timer = setTimeout(() => socket.destroy(), settings.httpRequestMs);
      const servername = typeof socket.servername === 'string' ? socket.servername.toLowerCase() : undefined;
      const connection: Connection = { servername, active: 0, timer };
      connections.set(socket, connection);
      socket.on('close', () => {
        clearTimeout(connection.timer);
        connections.delete(socket);
      });
      http.emit('connection', socket);
    },
    drain() {
      draining = true;
      for (const [socket, { active }] of connections) {
        if (active === 0) {
          socket.destroy();
        }
      }
    },
  };
}
