import { join, relative } from 'node:path';
import type { Child } from './children.ts';
import type { ControlPlane } from './control-plane.ts';
import type { ProxyCommand } from './proxy.ts';
import { permissionPath } from './resources.ts';
import type { Terminal } from './terminal.ts';

/** Shows what to try while everything runs, as commands that can be copied as they are. */
export function showNextSteps(
  terminal: Terminal,
  scene: {
    readonly controlPlane: ControlPlane;
    readonly backend: ProxyCommand;
    readonly spare: ProxyCommand;
    readonly proxies: readonly Child[];
    readonly dist: string;
    readonly envoy: string;
    readonly permissionFile: string;
  },
): void {
  const { controlPlane, spare } = scene;
  const dist = relative(process.cwd(), scene.dist) || '.';
  const permission = `${controlPlane.api}${permissionPath}`;
  const steps: readonly (readonly [title: string, ...commands: string[]])[] = [
    ['Visit the backend', `curl -s http://127.0.0.1:${scene.backend.ports.workload}`],
    [
      'Look at what the control plane knows',
      `curl -s ${controlPlane.api}/meshes/default/dataplanes/_overview`,
    ],
    [
      'Take the permission away, and give it back',
      `curl -s -X DELETE ${permission}`,
      `curl -s -X PUT -H 'content-type: application/json' -d @${quote(scene.permissionFile)} ${permission}`,
    ],
    [
      'Add a second redis',
      `node ${join(dist, 'dev/quickstart/redis.js')} --name ${spare.name} --port ${spare.ports.workload} &`,
      `ENVOY_PATH=${quote(scene.envoy)} node ${join(dist, 'cli/main.js')} ${spare.args.map(quote).join(' ')}`,
    ],
    ...scene.proxies
      .slice(0, 1)
      .map((proxy): readonly [string, string] => [
        `Stop ${proxy.name}, which drains for two seconds`,
        `kill ${proxy.pid}`,
      ]),
  ];
  terminal.heading('Everything stays up until Ctrl-C. Try in another terminal:');
  for (const [title, ...commands] of steps) {
    terminal.line(`\n  ${title}:`);
    for (const command of commands) terminal.command(command);
  }
  terminal.heading('What happens');
}

/** A word for a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
