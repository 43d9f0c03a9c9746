import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../model/ports.ts';
import { createDiagnosticsServer } from './diagnostics-server.ts';
import type { HealthReport } from './health.ts';

const good: HealthReport = { ok: true, checks: {} };
const bad: HealthReport = {
  ok: false,
  checks: { lease: { ok: false, since: '2026-01-01T00:00:00.000Z', detail: 'the lease ran out' } },
};

async function start(
  options: { readonly ready?: HealthReport; readonly scrape?: () => Promise<string> } = {},
) {
  const errors: unknown[] = [];
  const server = createDiagnosticsServer({
    health: { live: () => good, ready: () => options.ready ?? good },
    metrics: { contentType: 'text/plain; version=0.0.4', scrape: options.scrape ?? (async () => 'up 1\n') },
    logger: { ...silentLogger, error: (_message, fields) => void errors.push(fields?.error) },
  });
  const { port } = await server.listen(0, '127.0.0.1');
  onTestFinished(server.close);
  const ask = async (path: string, method = 'GET') => {
    const outgoing = request({ host: '127.0.0.1', port, path, method }).end();
    const [answer] = await once(outgoing, 'response');
    let body = '';
    for await (const part of answer) {
      body += String(part);
    }
    return {
      status: answer.statusCode,
      type: answer.headers['content-type'],
      length: answer.headers['content-length'],
      body,
    };
  };
  return { server, port, ask, errors };
}

describe('createDiagnosticsServer', () => {
  it('answers metrics in the format that Prometheus asks for', async () => {
    const { ask } = await start();
    expect(await ask('/metrics?name=x')).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4',
      length: '5',
      body: 'up 1\n',
    });
  });

  it.each([
    { path: '/healthz', ready: bad, status: 200, body: good },
    { path: '/readyz', ready: good, status: 200, body: good },
    { path: '/readyz', ready: bad, status: 503, body: bad },
  ])('$path answers $status', async ({ path, ready, status, body }) => {
    const { ask } = await start({ ready });
    const answer = await ask(path);
    expect(answer).toMatchObject({ status, type: 'application/json' });
    expect(JSON.parse(answer.body)).toEqual(body);
    expect(await ask(path, 'HEAD')).toMatchObject({ status, body: '', length: answer.length });
  });

  it.each([
    { path: '/', method: 'GET', status: 404 },
    { path: '/metrics/', method: 'GET', status: 404 },
    { path: '/readyz', method: 'POST', status: 405 },
    { path: '/../readyz', method: 'GET', status: 404 },
  ])('$method $path answers $status', async ({ path, method, status }) => {
    const { ask } = await start();
    expect((await ask(path, method)).status).toBe(status);
  });

  it('says nothing of what went wrong inside, and goes on', async () => {
    let fails = true;
    const error = new Error('a secret');
    const scrape = () => (fails ? Promise.reject(error) : Promise.resolve('up 1\n'));
    const { ask, errors } = await start({ scrape });
    expect(await ask('/metrics')).toMatchObject({ status: 500, body: 'internal error\n' });
    expect(errors).toEqual([error]);
    fails = false;
    expect((await ask('/metrics')).status).toBe(200);
  });

  it('closes while connections are open', async () => {
    const { server, port } = await start();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await server.close();
    await closed;
  });

  it('tells that a port is taken', async () => {
    const { port } = await start();
    const second = createDiagnosticsServer({
      health: { live: () => good, ready: () => good },
      metrics: { contentType: 'text/plain', scrape: async () => '' },
      logger: silentLogger,
    });
    await expect(second.listen(port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
  });
});
