import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, loadAuthority } from './authority.ts';
import {
  identityNames,
  issueClient,
  issueIdentity,
  issueServer,
  issueWorkload,
  rotationTime,
} from './issue.ts';
import type { KeyKind } from './keys.ts';
import type { TagSet } from './tag-set.ts';

const hour = 3_600_000;
const now = Date.now();

function tags(record: Readonly<Record<string, readonly string[]>>): TagSet {
  return new Map(Object.entries(record).map(([tag, values]) => [tag, new Set(values)]));
}

async function authority(kind: KeyKind, at = now): Promise<Authority> {
  const pair = await createAuthority({
    kind,
    subject: { organization: 'Kuma', organizationalUnit: 'Mesh', commonName: 'demo' },
    lifetime: 24 * hour,
    now: at,
    uris: ['spiffe://demo'],
  });
  return loadAuthority(pair.certificate, pair.key);
}

describe('identityNames', () => {
  const cases: readonly [string, TagSet, readonly string[]][] = [
    ['nothing', tags({}), []],
    [
      'one service',
      tags({ 'kuma.io/service': ['web'], 'kuma.io/protocol': ['http'] }),
      ['spiffe://demo/web', 'kuma://kuma.io/protocol/http', 'kuma://kuma.io/service/web'],
    ],
    [
      'several services, sorted',
      tags({ version: ['v2', 'v1'], 'kuma.io/service': ['web', 'api'] }),
      [
        'spiffe://demo/api',
        'spiffe://demo/web',
        'kuma://kuma.io/service/api',
        'kuma://kuma.io/service/web',
        'kuma://version/v1',
        'kuma://version/v2',
      ],
    ],
  ];
  it.each(cases)('%s', (_, set, expected) => {
    expect(identityNames('demo', set)).toEqual(expected);
  });
});

describe.each<[string, KeyKind]>([
  ['an EC authority', 'ec'],
  ['an RSA authority', { rsaBits: 2048 }],
])('identities of %s', (_, kind) => {
  let ca: Authority;
  beforeAll(async () => {
    ca = await authority(kind);
  });

  it('carry the names, the time and what SPIFFE asks for, and are signed by it', () => {
    const issued = issueIdentity({
      ca,
      mesh: 'demo',
      tags: tags({ 'kuma.io/service': ['web', 'api'], version: ['1'] }),
      lifetime: 2 * hour,
      now,
    });
    const leaf = new X509Certificate(issued.certificateChain);
    const root = new X509Certificate(ca.certificates);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.subject).toBeUndefined();
    expect(leaf.subjectAltName).toBe(
      'URI:spiffe://demo/api, URI:spiffe://demo/web, URI:kuma://kuma.io/service/api, URI:kuma://kuma.io/service/web, URI:kuma://version/1',
    );
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(Date.parse(leaf.validFrom)).toBe(Math.floor((now - 10_000) / 1000) * 1000);
    expect(Date.parse(leaf.validTo)).toBe(Math.floor((now + 2 * hour) / 1000) * 1000);
    expect(leaf.checkPrivateKey(createPrivateKey(issued.key.reveal()))).toBe(true);
    expect(issued.notAfter).toBe(now + 2 * hour);
  });

  it('let two proxies shake hands, each shown to the other by its name', async () => {
    const web = issueIdentity({ ca, mesh: 'demo', tags: tags({ 'kuma.io/service': ['web'] }), now });
    const api = issueIdentity({ ca, mesh: 'demo', tags: tags({ 'kuma.io/service': ['api'] }), now });
    const names = await handshake(
      { cert: api.certificateChain, key: api.key.reveal(), ca: ca.certificates },
      { cert: web.certificateChain, key: web.key.reveal(), ca: ca.certificates },
    );
    expect(names.client).toContain('URI:spiffe://demo/web');
    expect(names.server).toContain('URI:spiffe://demo/api');
  });

  it('are refused by those who trust another authority of the same name', async () => {
    const other = await authority(kind);
    const web = issueIdentity({ ca: other, mesh: 'demo', tags: tags({ 'kuma.io/service': ['web'] }), now });
    const api = issueIdentity({ ca, mesh: 'demo', tags: tags({ 'kuma.io/service': ['api'] }), now });
    await expect(
      handshake(
        { cert: api.certificateChain, key: api.key.reveal(), ca: ca.certificates },
        { cert: web.certificateChain, key: web.key.reveal(), ca: ca.certificates },
      ),
    ).rejects.toThrow();
  });

  it('are refused after their time', async () => {
    const old = await authority(kind, now - 3 * hour);
    const web = issueIdentity({
      ca: old,
      mesh: 'demo',
      tags: tags({ 'kuma.io/service': ['web'] }),
      lifetime: hour,
      now: now - 3 * hour,
    });
    await expect(
      handshake(
        { cert: web.certificateChain, key: web.key.reveal(), ca: old.certificates },
        { cert: web.certificateChain, key: web.key.reveal(), ca: old.certificates },
      ),
    ).rejects.toThrow(/expired/);
  });
});

describe('issueServer and issueClient', () => {
  it('name hosts as what they are and serve only their purpose', async () => {
    const ca = await authority('ec');
    const hosts = ['localhost', '10.1.2.3', 'fd00::1:0:2', '::ffff:10.0.0.1'];
    const server = new X509Certificate(issueServer({ ca, hosts, lifetime: hour, now }).certificateChain);
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkIP('10.1.2.3')).toBe('10.1.2.3');
    expect(server.checkIP('fd00:0:0:0:0:1:0:2')).toBe('fd00:0:0:0:0:1:0:2');
    expect(server.checkIP('10.1.2.4')).toBeUndefined();
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    const client = new X509Certificate(
      issueClient({ ca, hosts: ['kuma-cp'], lifetime: hour, now }).certificateChain,
    );
    expect(client.subjectAltName).toBe('DNS:kuma-cp');
    expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  it('let the control plane and an admin listener recognise each other', async () => {
    const ca = await authority({ rsaBits: 2048 });
    const server = issueServer({ ca, hosts: ['127.0.0.1'], lifetime: hour, now });
    const client = issueClient({ ca, hosts: ['kuma-cp'], lifetime: hour, now });
    const names = await handshake(
      { cert: server.certificateChain, key: server.key.reveal(), ca: ca.certificates },
      { cert: client.certificateChain, key: client.key.reveal(), ca: ca.certificates },
    );
    expect(names.client).toBe('DNS:kuma-cp');
  });
});

describe('names that cannot stand in a certificate', () => {
  it.each(['', 'spiffe://demo/a b', 'spiffe://demo/a\nb', 'spiffe://demo/ü', `spiffe://${'x'.repeat(3000)}`])(
    '%j',
    async (uri) => {
      const ca = await authority('ec');
      expect(() => issueWorkload({ ca, uris: [uri], lifetime: hour, now })).toThrow(/visible ASCII/);
    },
  );
});

it('rotation comes after four fifths of the life', () => {
  expect(rotationTime({ issuedAt: 1000, notAfter: 2000 })).toBe(1800);
});

/** Shakes hands over a real socket; gives the names that each side was shown by the other. */
async function handshake(
  server: { cert: string; key: string; ca: string },
  client: { cert: string; key: string; ca: string },
): Promise<{ client: string | undefined; server: string | undefined }> {
  const listener = createServer({ ...server, requestCert: true, rejectUnauthorized: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  try {
    const accepted: Promise<[TLSSocket]> = once(listener, 'secureConnection').then(([socket]) => [socket]);
    const { port } = listener.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, ...client, checkServerIdentity: () => undefined });
    const failed = once(socket, 'error').then(([error]) => {
      throw error;
    });
    failed.catch(() => {});
    const refused = once(listener, 'tlsClientError').then(([error]) => {
      throw error;
    });
    refused.catch(() => {});
    const [peer] = await Promise.race([accepted, failed, refused]);
    const names = {
      client: peer.getPeerX509Certificate()?.subjectAltName,
      server: socket.getPeerX509Certificate()?.subjectAltName,
    };
    peer.on('error', () => {});
    peer.destroy();
    socket.destroy();
    return names;
  } finally {
    listener.close();
  }
}
