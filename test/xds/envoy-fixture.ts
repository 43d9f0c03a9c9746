import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { envoyPath } from '../../dev/tools/envoy.ts';
import { freePort } from '../../dev/tools/free-port.ts';
import { encodeCluster, encodeListener, encodeLoadAssignment } from '../../src/compile/encoded.ts';
import type { EncodedResource } from '../../src/compile/snapshot.ts';
import { socketAddress } from '../../src/envoy/address.ts';
import { edsCluster, finishCluster } from '../../src/envoy/cluster.ts';
import { seconds } from '../../src/envoy/duration.ts';
import { finishListener, listener } from '../../src/envoy/listener.ts';
import { loadAssignment } from '../../src/envoy/load-assignment.ts';
import { tcpProxy } from '../../src/envoy/tcp-proxy.ts';
import { envoyBootstrap } from '../../src/xds/bootstrap/envoy-bootstrap.ts';
import { readBootstrapRequest } from '../../src/xds/bootstrap/request.ts';
import { defaultBootstrapSettings } from '../../src/xds/bootstrap/settings.ts';
import { startChild } from '../support/child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { TestRelay } from './relay-fixture.ts';

/** A cluster whose endpoints come by EDS; a changed timeout makes Envoy warm it again. */
export function clusterOf(name: string, timeoutSeconds = 5): EncodedResource {
  const draft = edsCluster(name);
  draft.cluster.connectTimeout = seconds(timeoutSeconds);
  return encodeCluster(finishCluster(draft));
}

export function endpointsOf(name: string, ...ports: number[]): EncodedResource {
  const endpoints = ports.map((port) => ({ address: socketAddress('127.0.0.1', port), metadata: {} }));
  return encodeLoadAssignment(loadAssignment(name, [{ endpoints }]));
}

/** A listener on a free port that leads to the cluster. */
export function listenerTo(name: string, cluster: string): EncodedResource {
  return encodeListener(
    finishListener(
      listener({
        name,
        address: socketAddress('127.0.0.1', 0),
        direction: 'outbound',
        chains: [{ filters: [{ kind: 'tcp', proxy: tcpProxy(name, cluster) }] }],
      }),
    ),
  );
}

/** A workload that says its name to whoever connects. */
export async function startWorkload(name: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(name);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('a TCP server has a port');
  }
  return address.port;
}

export interface EnvoyOptions {
  readonly name: string;
  readonly delta: boolean;
  /** `a-token` unless told. */
  readonly token?: string;
  /** The proxy's own Dataplane; without one it was created beforehand. */
  readonly dataplane?: object;
}

/** A running Envoy. */
export interface TestEnvoy {
  /** What its admin API answers. */
  admin(path: string): Promise<string>;
  /** A number among its statistics; undefined while it has none of that name. */
  stat(name: string): Promise<number | undefined>;
  /** Where a listener listens. */
  port(listenerName: string): Promise<number>;
  log(): string;
  /** By SIGTERM unless told. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** The bootstrap that kuma-dp would be given. */
function bootstrapOf(relay: TestRelay, options: EnvoyOptions, workdir: string, adminPort: number) {
  const { name, delta, token = 'a-token', dataplane } = options;
  const request = readBootstrapRequest(
    JSON.stringify({
      mesh: 'default',
      name,
      dataplaneToken: token,
      dataplaneResource: dataplane && JSON.stringify(dataplane),
      workdir,
      caCert: relay.ca,
      ipv6Enabled: false,
    }),
  );
  return envoyBootstrap({
    request,
    settings: { ...defaultBootstrapSettings, deltaXds: delta },
    proxyType: 'dataplane',
    service: name,
    adminPort,
    builtinGateway: false,
    unifiedNaming: false,
    controlPlane: { host: 'localhost', port: relay.port, ca: relay.ca, ipv4Only: true },
  });
}

/** Starts an Envoy with the bootstrap of a relay; it is stopped when the test ends. */
export async function startEnvoy(relay: TestRelay, options: EnvoyOptions): Promise<TestEnvoy> {
  const folder = temporaryFolder();
  const config = join(folder, 'bootstrap.yaml');
  const adminPort = await freePort();
  writeFileSync(config, stringify(bootstrapOf(relay, options, folder, adminPort)));
  const child = startChild(envoyPath(), [
    ...['-c', config, '--use-dynamic-base-id', '--concurrency', '1'],
    ...['--log-level', 'info'],
  ]);
  await child.says(/starting main dispatch loop/);
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${adminPort}${path}`)).text();
  const envoy: TestEnvoy = {
    admin: get,
    async stat(name) {
      const found = new RegExp(`^${name.replaceAll('.', '\\.')}: (\\d+)$`, 'm').exec(
        await get(`/stats?filter=${name}`),
      );
      return found?.[1] === undefined ? undefined : Number(found[1]);
    },
    async port(listenerName) {
      const pattern = new RegExp(`^${listenerName}::127\\.0\\.0\\.1:(\\d+)$`, 'm');
      await expect.poll(() => get('/listeners')).toMatch(pattern);
      return Number(pattern.exec(await get('/listeners'))?.[1]);
    },
    log: child.stderr,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await child.ended;
    },
  };
  onTestFinished(() => envoy.stop());
  return envoy;
}
