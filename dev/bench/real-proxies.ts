import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Children, createChildren } from '../quickstart/children.ts';
import { envoyPath } from '../tools/envoy.ts';
import { freePort } from '../tools/free-port.ts';
import type { ControlPlaneClient } from './control-plane.ts';
import { until } from './until.ts';

/** Real Envoys beside a fleet: what they refuse, a real user's would refuse. */
export interface RealProxies {
  readonly names: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts Envoys with `kumulus dp run`, each with the given outbounds, and waits until the control plane has them online.
 *
 * @param cli The built command line, `dist/cli/main.js`.
 */
export async function startRealProxies(
  plane: ControlPlaneClient,
  cli: string,
  mesh: string,
  services: readonly (readonly string[])[],
): Promise<RealProxies> {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-bench-envoys-'));
  const children = createChildren(join(folder, 'logs'));
  const names = services.map((_, index) => `real-${index}`);
  for (const [index, name] of names.entries()) {
    await startOne(children, { plane, cli, mesh, name, folder, services: services[index] ?? [] });
  }
  const isOnline = new Set<string>();
  const look = async () => {
    for (const name of names) {
      const overview = await plane.api('GET', `/meshes/${mesh}/dataplanes/${name}/_overview`).catch(() => '');
      if (overview.includes('responsesAcknowledged')) {
        isOnline.add(name);
      }
    }
  };
  const timer = setInterval(() => void look(), 500);
  try {
    await until(() => isOnline.size === names.length, 100);
  } finally {
    clearInterval(timer);
  }
  return {
    names,
    async stop() {
      await children.stopAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface OneProxy {
  readonly plane: ControlPlaneClient;
  readonly cli: string;
  readonly mesh: string;
  readonly name: string;
  readonly folder: string;
  readonly services: readonly string[];
}

async function startOne(children: Children, { plane, cli, mesh, name, folder, services }: OneProxy) {
  const dataplane = {
    type: 'Dataplane',
    mesh,
    name,
    networking: {
      address: '127.0.0.1',
      admin: { port: await freePort() },
      inbound: [
        {
          port: await freePort(),
          servicePort: await freePort(),
          tags: { 'kuma.io/service': name, 'kuma.io/protocol': 'http' },
        },
      ],
      outbound: await Promise.all(
        services.map(async (service) => ({ port: await freePort(), tags: { 'kuma.io/service': service } })),
      ),
    },
  };
  const dataplaneFile = join(folder, `${name}.json`);
  const tokenFile = join(folder, `${name}.token`);
  writeFileSync(dataplaneFile, JSON.stringify(dataplane));
  const token = await plane.api('POST', '/tokens/dataplane', { name, mesh, validFor: '24h' });
  writeFileSync(tokenFile, token.trim(), { mode: 0o600 });
  children.start({
    name,
    program: process.execPath,
    args: [
      ...[cli, 'dp', 'run', '--cp-address', plane.at.dp, '--ca-cert-file', plane.at.ca],
      ...['--dataplane-file', dataplaneFile, '--dataplane-token-file', tokenFile, '--concurrency', '1'],
    ],
    env: { ENVOY_PATH: envoyPath() },
    hurry: true,
  });
}
