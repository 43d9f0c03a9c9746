import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from '../support/temporary-folder.ts';

const readySchema = z.object({ api: z.string(), dp: z.string(), ca: z.string() });

function start(data: string, ...options: readonly string[]) {
  const child = spawn(
    process.execPath,
    ['dist/dev/main.js', '--api-port', '0', '--dp-port', '0', '--data', data, '--output', 'json', ...options],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    child,
    async ready() {
      for await (const line of createInterface({ input: child.stdout })) {
        return readySchema.parse(JSON.parse(line));
      }
      throw new Error(`the server ended: ${errors}`);
    },
    async ended() {
      const [code] = await once(child, 'close');
      return { code, errors };
    },
  };
}

const meshes = async (api: string) =>
  z.object({ total: z.number() }).parse(await (await fetch(`${api}/meshes`)).json()).total;

describe('npm start', () => {
  it('serves API and proxies, keeps its data and its CA between runs, and stops in order', async () => {
    const data = temporaryFolder();
    const first = start(data);
    const { api, dp, ca } = await first.ready();
    expect(ca).toBe(join(data, 'ca.pem'));
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ type: 'Mesh', name: 'kept' });
    expect((await fetch(`${api}/meshes/kept`, { method: 'PUT', headers, body })).status).toBe(201);
    const authority = readFileSync(ca, 'utf8');
    const socket = connect({ host: 'localhost', port: Number(new URL(dp).port), ca: authority });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.destroy();
    first.child.kill('SIGTERM');
    expect(await first.ended()).toEqual({ code: 0, errors: '' });

    const second = start(data);
    const again = await second.ready();
    expect(await meshes(again.api)).toBe(2);
    expect(readFileSync(again.ca, 'utf8')).toBe(authority);
    expect(statSync(join(data, 'ca-key.pem')).mode & 0o077).toBe(0);
  });

  it('serves tenants by path and by host name beside its own, until they are deleted', async () => {
    const { api, dp, ca } = await start(temporaryFolder()).ready();
    const { port } = new URL(api);
    const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: object) => {
      const sent = request({
        port,
        method,
        path,
        headers: { 'content-type': 'application/json', ...headers },
      });
      sent.end(body === undefined ? undefined : JSON.stringify(body));
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      return { status: answer.statusCode, body: Object(JSON.parse(await text(answer))) };
    };
    const made = await ask('POST', '/tenants', {}, { id: 'acme' });
    expect([made.status, made.body.state]).toEqual([201, 'active']);
    const authorization = `Bearer ${made.body.adminToken}`;
    const dataplane = {
      type: 'Dataplane',
      mesh: 'default',
      name: 'own',
      networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'web' } }] },
    };
    const path = '/meshes/default/dataplanes/own';
    expect((await ask('PUT', `/tenants/acme/api${path}`, {}, dataplane)).status).toBe(201);
    const byHost = { host: `acme.localhost:${port}`, authorization };
    expect((await ask('GET', path, byHost)).body.name).toBe('own');
    expect((await ask('GET', path, { host: `acme.localhost:${port}` })).status).toBe(401);
    expect((await ask('GET', path)).status).toBe(404);

    const socket = connect({ host: 'localhost', port: Number(new URL(dp).port), ca: readFileSync(ca) });
    await once(socket, 'secureConnect');
    expect(socket.getPeerCertificate().subjectaltname).toContain('DNS:*.localhost');
    socket.destroy();

    expect((await ask('DELETE', '/tenants/acme')).status).toBe(202);
    expect((await ask('GET', path, byHost)).status).toBe(404);
    await vi.waitFor(async () => expect((await ask('GET', '/tenants/acme')).status).toBe(404), 10_000);
  });

  it('tells who sends a host that is none what is wrong', async () => {
    const { api } = await start(temporaryFolder()).ready();
    const sent = request({ port: new URL(api).port, path: '/meshes', headers: { host: 'a b:' } }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['x-request-id']).toMatch(/./);
    expect(JSON.parse(await text(answer))).toMatchObject({
      type: '/std-errors',
      status: 400,
      title: 'Bad Request',
      detail: 'bad request: the path or the Host header is none',
    });
  });

  it('answers what it is asked, whatever it is expected to do', async () => {
    const { api } = await start(temporaryFolder()).ready();
    const headers = { expect: 'the unexpected' };
    const sent = request({ port: new URL(api).port, path: '/meshes/none', headers }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(404);
    expect(JSON.parse(await text(answer))).toMatchObject({ type: '/std-errors', status: 404 });
  });

  it('refuses a second copy on the same data, and the first goes on', async () => {
    const data = temporaryFolder();
    const first = start(data);
    const { api } = await first.ready();
    const { code, errors } = await start(data).ended();
    expect(code).toBe(1);
    expect(errors).toMatch(new RegExp(`^kumulus: the folder .* is in use by process ${first.child.pid}\n$`));
    expect(await meshes(api)).toBe(1);
  });

  it.each(['--api-port', '--dp-port'])('says that the port of %s is taken', async (option) => {
    const taken = createServer().listen(0);
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, errors } = await start(temporaryFolder(), option, String(port)).ended();
    expect(code).toBe(1);
    expect(errors).toMatch(new RegExp(`^kumulus: port ${port} is taken: .*\n$`));
  });

  it.each([
    {
      what: 'a folder that cannot be made',
      data: '/dev/null/data',
      options: [],
      code: 1,
      says: /^kumulus: the folder .*\n$/,
    },
    {
      what: 'an option that there is not',
      data: 'x',
      options: ['--colour'],
      code: 2,
      says: /^kumulus: Unknown option '--colour'/,
    },
  ])('$what: one clear line', async ({ data, options, code, says }) => {
    const ended = await start(data, ...options).ended();
    expect(ended.code).toBe(code);
    expect(ended.errors).toMatch(says);
  });
});
