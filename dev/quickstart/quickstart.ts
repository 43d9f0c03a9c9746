import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChildren } from './children.ts';
import type { ControlPlane } from './control-plane.ts';
import { death } from './death.ts';
import { askControlPlane, askEnvoy } from './evidence.ts';
import { showNextSteps } from './next-steps.ts';
import { showProxy } from './report.ts';
import { type Scene, setUp } from './set-up.ts';
import type { Terminal } from './terminal.ts';
import { visit } from './visits.ts';
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
      ...scene.vital.map(async (child) => {
        const end = await death(child);
        if (!signal.aborted) throw end;
      }),
    ]);
  } finally {
    over.abort();
  }
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
