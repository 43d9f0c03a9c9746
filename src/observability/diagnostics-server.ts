import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../model/ports.ts';
import type { Health, HealthReport } from './health.ts';

export interface DiagnosticsDeps {
  readonly health: Pick<Health, 'live' | 'ready'>;
  readonly metrics: { readonly contentType: string; scrape(): Promise<string> };
  readonly logger: Logger;
}

/** `GET /metrics`, `/healthz` and `/readyz` over plain HTTP, for those who run the relay and not for tenants. */
export interface DiagnosticsServer {
  /** @throws the system's error for a port or address that cannot be had. */
  listen(port: number, host: string): Promise<AddressInfo>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A few scrapers and health checks; whoever opens more is none of them. */
const maxConnections = 64;
/** Milliseconds for a request, and between two. */
const requestMs = 10_000;

const plainText = 'text/plain; charset=utf-8';

function answerOf(report: HealthReport): Answer {
  return {
    status: report.ok ? 200 : 503,
    contentType: 'application/json',
    body: `${JSON.stringify(report, undefined, 2)}\n`,
  };
}

/** Makes the server. It answers from memory and asks nothing of the store. */
export function createDiagnosticsServer(deps: DiagnosticsDeps): DiagnosticsServer {
  const answer = async ({ method, url = '' }: IncomingMessage): Promise<Answer> => {
    if (method !== 'GET' && method !== 'HEAD') {
      return { status: 405, contentType: plainText, body: 'GET and HEAD are answered\n' };
    }
    switch (url.split('?')[0]) {
      case '/metrics':
        return { status: 200, contentType: deps.metrics.contentType, body: await deps.metrics.scrape() };
      case '/healthz':
        return answerOf(deps.health.live());
      case '/readyz':
        return answerOf(deps.health.ready());
      default:
        return { status: 404, contentType: plainText, body: '/metrics, /healthz and /readyz are here\n' };
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    let found: Answer;
    try {
      found = await answer(request);
    } catch (error) {
      deps.logger.error('a diagnostics request failed', { error });
      found = { status: 500, contentType: plainText, body: 'internal error\n' };
    }
    const body = Buffer.from(found.body);
    response.writeHead(found.status, {
      'content-type': found.contentType,
      'content-length': body.length,
      'cache-control': 'no-store',
      ...(found.status === 405 && { allow: 'GET, HEAD' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  };

  const server = createServer(
    {
      maxHeaderSize: 8 * 1024,
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      keepAliveTimeout: requestMs,
    },
    (request, response) => void serve(request, response),
  );
  server.maxConnections = maxConnections;

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host }, () => {
          server.off('error', reject);
          server.on('error', (error) => deps.logger.error('the diagnostics port failed', { error }));
          const address = server.address();
          if (address === null || typeof address === 'string') {
            reject(new Error('the server has no port'));
          } else {
            resolve(address);
          }
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
