import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../tools/free-port.ts';
import type { Child, Children } from './children.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { death } from './death.ts';
import { type ProxyCommand, type ProxyPorts, proxyCommand, startProxy, writeServiceFiles } from './proxy.ts';
import type { QuickstartDeps } from './quickstart.ts';
import { dataplaneTemplate, mesh, permission, permissionPath } from './resources.ts';
import { visit } from './visits.ts';

/** All that runs once the first visit was counted. */
export interface Scene {
  readonly controlPlane: ControlPlane;
  readonly backend: ProxyCommand;
  readonly redis: ProxyCommand;
  /** A second instance that is left for the reader to start. */
  readonly spare: ProxyCommand;
  readonly proxies: readonly Child[];
  /** What must run for as long as the quickstart: the control plane and the services. */
  readonly vital: readonly Child[];
}

/**
 * Starts everything and waits until a first visit was counted.
 *
 * @throws Error where a part does not start or dies, with its last words.
 */
export async function setUp(folder: string, children: Children, deps: QuickstartDeps): Promise<Scene> {
  const { terminal, dist } = deps;
  const since = performance.now();
  const elapsed = () => `${((performance.now() - since) / 1_000).toFixed(2)} s`;
  terminal.heading('Starting');
  const controlPlane = await startControlPlane(children, {
    program: deps.server.program,
    args: [...deps.server.args, '--data', join(folder, 'data')],
  });
  terminal.fact('control plane', `API ${controlPlane.api}, proxies ${controlPlane.dp} (${elapsed()})`);
  await controlPlane.put('/meshes/default', mesh);
  await controlPlane.put(permissionPath, permission);
  writeFileSync(join(folder, 'permission.json'), JSON.stringify(permission));
  terminal.fact('mesh default', `mTLS on; ${permission.name} is all that is allowed (${elapsed()})`);

  const { backend, redis, spare } = await proxyCommands(folder, controlPlane);
  const service = (name: string, file: string, args: readonly string[]) =>
    children.start({
      name,
      program: process.execPath,
      args: [join(dist, 'dev', 'quickstart', file), ...args],
    });
  const services = [
    service('redis-1', 'redis.js', ['--port', `${redis.ports.workload}`, '--name', 'redis-1']),
    service('backend-1', 'backend.js', [
      ...['--port', `${backend.ports.workload}`, '--redis', `${backend.ports.outbound}`],
    ]),
  ];
  const cli = join(dist, 'cli', 'main.js');
  const proxies = [redis, backend].map((one) => startProxy(children, cli, one, deps.envoy));
  terminal.fact('services', `redis-1 and backend-1, each behind its Envoy (${elapsed()})`);
  const vital = [controlPlane.child, ...services];
  await Promise.race([
    firstCount(backend.ports.workload),
    ...[...vital, ...proxies].map(async (child) => {
      throw await death(child);
    }),
  ]);
  return { controlPlane, backend, redis, spare, proxies, vital };
}

async function proxyCommands(folder: string, controlPlane: ControlPlane) {
  const ports = [...(await freePorts(10))];
  const take = (): number => {
    const port = ports.pop();
    if (port === undefined) throw new Error('more ports are used than were asked for');
    return port;
  };
  const own = (): ProxyPorts => ({ workload: take(), inbound: take(), admin: take() });
  const redis = await writeServiceFiles(folder, 'redis', dataplaneTemplate('redis', 'tcp', []), controlPlane);
  const backend = await writeServiceFiles(
    folder,
    'backend',
    dataplaneTemplate('backend', 'http', ['redis']),
    controlPlane,
  );
  return {
    redis: proxyCommand('redis-1', own(), redis, controlPlane),
    spare: proxyCommand('redis-2', own(), redis, controlPlane),
    backend: proxyCommand('backend-1', { ...own(), outbound: take() }, backend, controlPlane),
  };
}

/** Waits until the backend's visit is counted. */
async function firstCount(port: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const result = await visit(port);
    if (result.ok) return;
    if (performance.now() > deadline) {
      throw new Error(`no visit was counted within a minute: ${result.reason}`);
    }
    await sleep(20);
  }
}
