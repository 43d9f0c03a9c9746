import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import * as z from 'zod';
import type { Child } from '../../dev/quickstart/children.ts';
import type { ControlPlane } from '../../dev/quickstart/control-plane.ts';
import { envoyPath } from '../../dev/tools/envoy.ts';
import { freePorts, portOf } from '../../dev/tools/free-port.ts';
import type { E2e } from './control-plane.ts';

/** A proxy that runs, with its Envoy. */
export interface Proxy {
  readonly name: string;
  readonly child: Child;
  readonly inbound: number;
  readonly admin: number;
  /** The local port of the outbound to a service. */
  readonly outbound: (service: string) => number;
}

const echo = z.object({ instance: z.string(), headers: z.record(z.string(), z.unknown()) });

/** What an echo server answers: its name, and the headers that it was sent. */
export type Echo = z.output<typeof echo>;

/** A mesh of a test of its own, with mTLS and nothing allowed, and the proxies in it. */
export interface TestMesh {
  readonly name: string;
  /** Lets one service talk to another; returns the path of the MeshTrafficPermission. */
  allow(from: string, to: string): Promise<string>;
  /** Starts a proxy next to a workload on this port, and waits until its Envoy has its configuration. */
  startProxy(options: {
    readonly name: string;
    readonly service: string;
    readonly workload: number;
    readonly protocol?: 'http' | 'tcp';
    readonly outbounds?: readonly string[];
    /** Where the inbound listens; 127.0.0.1 unless told. */
    readonly address?: string;
  }): Promise<Proxy>;
  /** Starts an HTTP server that answers with its name, and its proxy. */
  startEcho(name: string, service: string): Promise<Proxy>;
}

/** What a mesh and its proxies need of where they are. */
export interface MeshHost extends Pick<E2e, 'children' | 'folder'> {
  controlPlane(): Pick<ControlPlane, 'put' | 'token' | 'dp' | 'ca'>;
}

/** Makes a mesh; its proxies end with the test. */
export async function createMesh(e2e: MeshHost): Promise<TestMesh> {
  const name = `mesh-${randomUUID().slice(0, 8)}`;
  const controlPlane = e2e.controlPlane();
  await controlPlane.put(`/meshes/${name}`, {
    type: 'Mesh',
    name,
    mtls: { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] },
  });
  const mesh: TestMesh = {
    name,
    async allow(from, to) {
      const permission = `${from}-to-${to}`;
      const path = `/meshes/${name}/meshtrafficpermissions/${permission}`;
      await controlPlane.put(path, {
        type: 'MeshTrafficPermission',
        mesh: name,
        name: permission,
        spec: {
          targetRef: { kind: 'Dataplane', labels: { app: to } },
          from: [
            {
              targetRef: { kind: 'MeshSubset', tags: { 'kuma.io/service': from } },
              default: { action: 'Allow' },
            },
          ],
        },
      });
      return path;
    },
    startProxy: (options) => startProxy(e2e, name, options),
    async startEcho(instance, service) {
      return mesh.startProxy({ name: instance, service, workload: await startEchoServer(instance) });
    },
  };
  return mesh;
}

async function startProxy(
  e2e: MeshHost,
  mesh: string,
  options: Parameters<TestMesh['startProxy']>[0],
): Promise<Proxy> {
  const { name, service, workload, protocol = 'http', outbounds = [], address = '127.0.0.1' } = options;
  const controlPlane = e2e.controlPlane();
  const [inbound = 0, admin = 0, ...rest] = await freePorts(2 + outbounds.length);
  const ports = new Map(outbounds.map((target, index) => [target, rest[index] ?? 0]));
  const dataplane = {
    ...{ type: 'Dataplane', mesh, name, labels: { app: service } },
    networking: {
      address,
      admin: { port: admin },
      inbound: [
        {
          port: inbound,
          servicePort: workload,
          serviceAddress: '127.0.0.1',
          tags: { 'kuma.io/service': service, 'kuma.io/protocol': protocol },
        },
      ],
      outbound: outbounds.map((target) => ({
        ...{ address: '127.0.0.1', port: ports.get(target) },
        tags: { 'kuma.io/service': target },
      })),
    },
  };
  const tokenFile = join(e2e.folder(), `${mesh}-${name}.token`);
  writeFileSync(tokenFile, await controlPlane.token(mesh, service), { mode: 0o600 });
  const child = e2e.children().start({
    name: `${mesh}-${name}`,
    program: process.execPath,
    args: [
      ...[
        'dist/cli/main.js',
        'dp',
        'run',
        '--cp-address',
        controlPlane.dp,
        '--ca-cert-file',
        controlPlane.ca,
      ],
      ...['--dataplane', JSON.stringify(dataplane), '--dataplane-token-file', tokenFile],
      ...['--drain-time', '1s', '--concurrency', '1'],
    ],
    env: { ENVOY_PATH: envoyPath() },
    hurry: true,
  });
  onTestFinished(async () => {
    child.kill('SIGTERM');
    child.kill('SIGINT');
    await child.ended;
  });
  await expect.poll(() => serverState(admin), { timeout: 15_000, interval: 50 }).toBe('LIVE');
  const outbound = (target: string): number => {
    const port = ports.get(target);
    if (port === undefined) throw new Error(`${name} has no outbound to ${target}`);
    return port;
  };
  return { name, child, inbound, admin, outbound };
}

async function serverState(admin: number): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${admin}/ready`);
    return (await answer.text()).trim();
  } catch {
    return 'not there';
  }
}

async function startEchoServer(instance: string): Promise<number> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ instance, headers: request.headers }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return portOf(server);
}

/** Asks a service through an outbound: the status, and what an echo server said. */
export async function ask(port: number): Promise<{ status: number; echo: Echo | undefined }> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) });
    if (answer.status !== 200) {
      await answer.arrayBuffer();
      return { status: answer.status, echo: undefined };
    }
    return { status: 200, echo: echo.parse(await answer.json()) };
  } catch {
    return { status: 0, echo: undefined };
  }
}
