import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child, Children } from './children.ts';
import type { ControlPlane } from './control-plane.ts';

/** The ports of one proxy on 127.0.0.1. */
export interface ProxyPorts {
  /** Where the workload listens. */
  readonly workload: number;
  /** Where the mesh reaches it, through Envoy. */
  readonly inbound: number;
  readonly admin: number;
  /** Where the workload reaches what it needs, through Envoy; absent where it needs nothing. */
  readonly outbound?: number;
}

/** How to run a proxy with `kumulus dp run`. */
export interface ProxyCommand {
  readonly name: string;
  readonly ports: ProxyPorts;
  readonly args: readonly string[];
}

/** What the proxies of one service share. */
export interface ServiceFiles {
  readonly service: string;
  readonly dataplaneFile: string;
  readonly tokenFile: string;
}

/** Writes the Dataplane's template and a token of the service, readable by this user alone. */
export async function writeServiceFiles(
  folder: string,
  service: string,
  template: string,
  controlPlane: ControlPlane,
): Promise<ServiceFiles> {
  const dataplaneFile = join(folder, `${service}.yaml`);
  const tokenFile = join(folder, `${service}.token`);
  writeFileSync(dataplaneFile, template);
  writeFileSync(tokenFile, await controlPlane.token('default', service), { mode: 0o600 });
  return { service, dataplaneFile, tokenFile };
}

export function proxyCommand(
  name: string,
  ports: ProxyPorts,
  files: ServiceFiles,
  controlPlane: Pick<ControlPlane, 'dp' | 'ca'>,
): ProxyCommand {
  const variables = Object.entries({ name, ...ports }).map(([key, value]) => `${key}=${value}`);
  return {
    name,
    ports,
    args: [
      ...['dp', 'run', '--cp-address', controlPlane.dp, '--ca-cert-file', controlPlane.ca],
      ...['--dataplane-file', files.dataplaneFile, '--dataplane-var', variables.join(',')],
      ...['--dataplane-token-file', files.tokenFile, '--drain-time', '2s', '--concurrency', '1'],
    ],
  };
}

/** @param cli The built command line, `dist/cli/main.js`. */
export function startProxy(children: Children, cli: string, command: ProxyCommand, envoy: string): Child {
  return children.start({
    name: `${command.name}-proxy`,
    program: process.execPath,
    args: [cli, ...command.args],
    env: { ENVOY_PATH: envoy },
    hurry: true,
  });
}
