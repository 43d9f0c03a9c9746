import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startLocalServer } from '../../dev/server/local-server.ts';
import { createAuthority, loadAuthority } from '../../src/certificates/authority.ts';
import { issueClient } from '../../src/certificates/issue.ts';
import { silentLogger } from '../../src/model/ports.ts';

const hour = 3_600_000;

interface Client {
  readonly cert: string;
  readonly key: string;
}

/** An authority of a team's own, and what it gives to a client. */
async function authority(commonName: string) {
  const pair = await createAuthority({
    kind: 'ec',
    subject: { organization: 'Test', commonName },
    lifetime: 24 * hour,
    now: Date.now() - 2 * hour,
  });
  const ca = loadAuthority(pair.certificate, pair.key);
  const issue = (now: number): Client => {
    const issued = issueClient({ ca, hosts: ['admin'], lifetime: hour, now });
    return { cert: issued.certificateChain, key: issued.key.reveal() };
  };
  return { certificate: pair.certificate, issue };
}

const folder = mkdtempSync(join(tmpdir(), 'kumulus-clients-'));
let server: LocalServer;
const clients: Record<string, Client | undefined> = {};

beforeAll(async () => {
  const [ours, others, direct] = await Promise.all(['ours', 'others', 'direct'].map(authority));
  if (ours === undefined || others === undefined || direct === undefined) throw new Error('there are three');
  clients.ours = ours.issue(Date.now());
  clients.late = ours.issue(Date.now() - 90 * 60_000);
  clients.others = others.issue(Date.now());
  clients.direct = direct.issue(Date.now());
  mkdirSync(join(folder, 'clients', 'old'), { recursive: true });
  writeFileSync(join(folder, 'clients', 'ours.pem'), ours.certificate);
  writeFileSync(
    join(folder, 'clients', 'direct.crt'),
    clients.direct.cert.split(/(?<=-----END CERTIFICATE-----\n)/)[0] ?? '',
  );
  writeFileSync(join(folder, 'clients', 'others.txt'), others.certificate);
  const options = {
    apiPort: 0,
    apiTlsPort: 0,
    dpPort: 0,
    diagnosticsPort: undefined,
    data: folder,
    output: 'json',
  } as const;
  const environment = {
    KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN: 'false',
    KUMA_API_SERVER_AUTH_CLIENT_CERTS_DIR: join(folder, 'clients'),
  };
  server = await startLocalServer(options, environment, silentLogger);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Asks who one is, on a connection of its own. */
function whoAmI(
  client: Client | undefined,
): Promise<{ readonly status: number | undefined; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: server.apiTlsPort,
        path: '/who-am-i',
        ca: readFileSync(server.caFile),
        agent: false,
        headers: { accept: 'application/json' },
        ...client,
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode, body: JSON.parse(text) }));
      },
    );
    asked.on('error', reject).end();
  });
}

describe('who comes over TLS', () => {
  it.each<[string, number, unknown]>([
    ['none', 200, { name: 'mesh-system:anonymous' }],
    ['ours', 200, { name: 'mesh-system:admin', groups: ['mesh-system:admin', 'mesh-system:authenticated'] }],
    ['direct', 200, { name: 'mesh-system:admin' }],
    ['others', 401, { title: 'Invalid authentication data', detail: 'Unauthenticated' }],
    ['late', 401, { title: 'Invalid authentication data' }],
  ])('with the certificate %s gets %d', async (name, status, body) => {
    expect(await whoAmI(clients[name])).toMatchObject({ status, body });
    expect(await whoAmI(clients[name])).toMatchObject({ status, body });
  });
});
