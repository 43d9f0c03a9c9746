import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Children, createChildren } from '../../dev/quickstart/children.ts';
import { type ControlPlane, startControlPlane } from '../../dev/quickstart/control-plane.ts';

/** A control plane for all tests of a file, and what they start beside it. */
export interface E2e {
  readonly controlPlane: () => ControlPlane;
  readonly children: () => Children;
  /** A folder that is removed after the last test. */
  readonly folder: () => string;
}

/**
 * Starts the local server before the first test and ends it after the last one, with all that the tests started.
 * `E2E_SERVER` names another program that takes the same arguments and prints the same line when it is ready, so that the tests
 * can be run against it, too.
 */
export function useControlPlane(): E2e {
  let running: { controlPlane: ControlPlane; children: Children; folder: string } | undefined;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kumulus-e2e-'));
    const children = createChildren(join(folder, 'logs'));
    const ports = ['--api-port', '0', '--dp-port', '0'];
    const server = process.env.E2E_SERVER ?? 'dist/dev/main.js';
    const controlPlane = await startControlPlane(children, {
      program: process.execPath,
      args: [server, ...ports, '--data', join(folder, 'data'), '--output', 'json'],
    });
    running = { controlPlane, children, folder };
  });
  afterAll(async () => {
    await running?.children.stopAll();
    if (running !== undefined) rmSync(running.folder, { recursive: true, force: true });
  });
  const get = () => {
    if (running === undefined) throw new Error('the control plane runs during tests alone');
    return running;
  };
  return {
    controlPlane: () => get().controlPlane,
    children: () => get().children,
    folder: () => get().folder,
  };
}
