import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { envoyPath } from '../../dev/tools/envoy.ts';
import { freePort } from '../../dev/tools/free-port.ts';
import { readinessSocket } from '../../dp/readiness.ts';
import { type BootstrapAnswer, bootstrapAnswer, startBootstrapServer } from '../support/bootstrap-server.ts';
import { type Child, startChild } from '../support/child.ts';
import { staticBootstrap } from '../support/static-bootstrap.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Three segments with a header that says `alg`: the form of a token, of which nobody checks more here. */
export const token = `${Buffer.from('{"alg":"RS256","kid":"1"}').toString('base64url')}.e30.c2lnbmF0dXJl`;

export const dataplaneTemplate = `
type: Dataplane
mesh: default
name: "{{ name }}"
networking:
  address: 127.0.0.1
  inbound:
    - port: 10011
      tags:
        kuma.io/service: "{{ service.name }}"
`;

/** Starts `kumulus dp run` with these arguments. */
export function startDp(args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  return startChild(process.execPath, ['dist/cli/main.js', 'dp', 'run', ...args], {
    env: { ENVOY_PATH: envoyPath(), ...env },
  });
}

/** A bootstrap server, the files that a proxy starts with, and the arguments that name them all. */
export async function dpFixture(answers: readonly BootstrapAnswer[] = []) {
  const folder = temporaryFolder();
  const workDir = join(folder, 'work');
  const ports = { admin: await freePort(), inbound: await freePort(), ready: await freePort() };
  const good = bootstrapAnswer(staticBootstrap({ ...ports, readinessSocket: readinessSocket(workDir) }));
  const [first = good, ...rest] = answers;
  const server = await startBootstrapServer(answers.length === 0 ? [good] : [first, ...rest, good]);
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const parts = {
    address: ['--cp-address', `${server.url}/any/path`],
    ca: ['--ca-cert-file', file('ca.pem', server.ca)],
    dataplane: ['--dataplane-file', file('dataplane.yaml', dataplaneTemplate)],
    variables: ['--dataplane-var', 'name=web-1,service.name=web'],
    token: ['--dataplane-token-file', file('token', `${token}\n`)],
    workDir: ['--work-dir', workDir],
    concurrency: ['--concurrency', '1'],
  };
  /** All arguments, some of them replaced. */
  const args = (changed: Partial<typeof parts> = {}) => Object.values({ ...parts, ...changed }).flat();
  return { folder, workDir, ports, server, file, args };
}
