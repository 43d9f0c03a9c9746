import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../tools/free-port.ts';
import { type Child, type Children, createChildren } from './children.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { askControlPlane, askEnvoy } from './evidence.ts';
import { showNextSteps } from './next-steps.ts';
import { type ProxyCommand, proxyCommand, startProxy, writeServiceFiles } from './proxy.ts';
import { showProxy } from './report.ts';
import { dataplaneTemplate, mesh, permission, permissionPath } from './resources.ts';
import type { Terminal } from './terminal.ts';
import { type Visit, visit } from './visits.ts';
import { watch } from './watch.ts';

/** What the quickstart needs of the world. */
export interface QuickstartDeps {
  readonly terminal: Terminal;
  /** Starts the local server; `--data` is added. */
  readonly server: { readonly program: string; readonly args: readonly string[] };
  /** The folder with what the build made. */
  readonly dist: string;
  readonly envoy: string;
  /** Ends the quickstart. */
  readonly signal: AbortSignal;
}

/** All that runs once the first visit was counted. */
interface Scene {
  readonly controlPlane: ControlPlane;
  readonly backend: ProxyCommand;
  readonly redis: ProxyCommand;
  /** A second instance that is left for the reader to start. */
  readonly spare: ProxyCommand;
  readonly proxies: readonly Child[];
}

/**
 * Starts a control plane and two services with their proxies, shows what happens between them, and then watches until the
 * signal, or ends after the showing with `once`. Whatever it started ends before it returns or throws.
 *
 * @throws Error where a part does not start or dies.
 */
export async function runQuickstart(once: boolean, deps: QuickstartDeps): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-quickstart-'));
  const children = createChildren(join(folder, 'logs'));
  try {
    const started = performance.now();
    const scene = await Promise.race([setUp(folder, children, deps), whenAborted(deps.signal)]);
    if (scene === undefined) return;
    await show(scene, started, deps);
    if (once) return;
    showNextSteps(deps.terminal, {
      ...scene,
      dist: deps.dist,
      envoy: deps.envoy,
      permissionFile: join(folder, 'permission.json'),
    });
    await stayUp(scene, deps);
  } finally {
    await children.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function setUp(folder: string, children: Children, deps: QuickstartDeps): Promise<Scene> {
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

  const [files, ports] = [
    {
      redis: await writeServiceFiles(folder, 'redis', dataplaneTemplate('redis', 'tcp', []), controlPlane),
      backend: await writeServiceFiles(
        folder,
        'backend',
        dataplaneTemplate('backend', 'http', ['redis']),
        controlPlane,
      ),
    },
    await freePorts(10),
  ];
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0] = ports;
  const redis = proxyCommand('redis-1', { workload: a, inbound: b, admin: c }, files.redis, controlPlane);
  const spare = proxyCommand('redis-2', { workload: d, inbound: e, admin: f }, files.redis, controlPlane);
  const backend = proxyCommand(
    'backend-1',
    { workload: g, inbound: h, admin: i, outbound: j },
    files.backend,
    controlPlane,
  );
  const node = (name: string, file: string, args: readonly string[]) =>
    children.start({
      name,
      program: process.execPath,
      args: [join(dist, 'dev', 'quickstart', file), ...args],
    });
  const services = [
    node('redis-1', 'redis.js', ['--port', String(a), '--name', 'redis-1']),
    node('backend-1', 'backend.js', ['--port', String(g), '--redis', String(j)]),
  ];
  const cli = join(dist, 'cli', 'main.js');
  const proxies = [redis, backend].map((one) => startProxy(children, cli, one, deps.envoy));
  terminal.fact('services', `redis-1 and backend-1, each behind its Envoy (${elapsed()})`);
  await Promise.race([
    firstCount(g),
    ...[controlPlane.child, ...services, ...proxies].map(async (child) => {
      throw await death(child);
    }),
  ]);
  return { controlPlane, backend, redis, spare, proxies };
}

/** Waits until the backend's visit is counted. */
async function firstCount(port: number): Promise<Visit> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const result = await visit(port);
    if (result.ok) return result;
    if (performance.now() > deadline)
      throw new Error(`no visit was counted within a minute: ${result.reason}`);
    await sleep(20);
  }
}

async function show(scene: Scene, started: number, deps: QuickstartDeps): Promise<void> {
  const { terminal } = deps;
  const seconds = ((performance.now() - started) / 1_000).toFixed(2);
  terminal.heading('Traffic: visitor → backend-1 → Envoy ═ mTLS ═ Envoy → redis-1');
  terminal.fact('from nothing', `the first visit was counted after ${seconds} s`);
  for (let index = 0; index < 3; index += 1) {
    const before = performance.now();
    const result = await visit(scene.backend.ports.workload);
    const took = (performance.now() - before).toFixed(1);
    terminal.fact(
      'visit',
      result.ok ? `number ${result.visits}, counted by ${result.countedBy} (${took} ms)` : result.reason,
    );
  }
  for (const { name, ports } of [scene.backend, scene.redis]) {
    const controlPlane = await acknowledged(scene.controlPlane, name);
    showProxy(terminal, { name, envoy: await askEnvoy(ports.admin), controlPlane });
  }
}

/** The overview is written a moment after the acknowledgement; waits for it a little. */
async function acknowledged(controlPlane: ControlPlane, name: string) {
  for (let tries = 0; ; tries += 1) {
    const known = await askControlPlane(controlPlane, name);
    const all = known?.versions.every((one) => one.acknowledged === one.sent) ?? false;
    if (tries === 50 || (all && known?.online && known.versions.length > 0)) return known;
    await sleep(100);
  }
}

/** A proxy that was told to end is part of the show; any other end is a failure. */
async function stayUp(scene: Scene, deps: QuickstartDeps): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([deps.signal, over.signal]);
  const proxies = scene.proxies.map(async (proxy) => {
    const code = await proxy.ended;
    if (!signal.aborted && code !== 0) throw await death(proxy);
    if (!signal.aborted) deps.terminal.event(`${proxy.name} ended`, 'bad');
    await whenAborted(deps.signal);
  });
  try {
    await Promise.race([
      watch({
        ...{ controlPlane: scene.controlPlane, terminal: deps.terminal, signal },
        backendPort: scene.backend.ports.workload,
        proxies: [scene.backend.name, scene.redis.name, scene.spare.name],
      }),
      whenAborted(deps.signal),
      ...proxies,
      scene.controlPlane.child.ended.then(async () => {
        if (!signal.aborted) throw await death(scene.controlPlane.child);
      }),
    ]);
  } finally {
    over.abort();
  }
}

/** Waits for a program's end, and tells of it with its last words. */
async function death(child: Child): Promise<Error> {
  const code = await child.ended;
  const words = readFileSync(child.logFile, 'utf8').trimEnd().split('\n').slice(-5);
  return new Error(`${child.name} ended with code ${code}:\n  ${words.join('\n  ')}`);
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
