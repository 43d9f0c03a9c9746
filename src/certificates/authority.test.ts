import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SecretValue } from '../model/secret-value.ts';
import { createAuthority, type KeyPair, loadAuthority, loadAuthorityBundle } from './authority.ts';
import { checkAuthority } from './authority-check.ts';
import { signCertificate } from './certificate.ts';
import { issueServer, issueWorkload } from './issue.ts';
import { newEcKey } from './keys.ts';

const now = Date.parse('2026-11-20T12:00:00.500Z');
const day = 24 * 3_600_000;
const subject = { organization: 'Kuma', organizationalUnit: 'Mesh', commonName: 'demo' };

let ec: KeyPair;
let rsa: KeyPair;
beforeAll(async () => {
  ec = await createAuthority({ kind: 'ec', subject, lifetime: day, now, uris: ['spiffe://demo'] });
  rsa = await createAuthority({ kind: { rsaBits: 3072 }, subject, lifetime: day, now });
});

describe('createAuthority', () => {
  it('makes a certificate that signs itself and may sign others', () => {
    const certificate = new X509Certificate(ec.certificate);
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.subject).toBe('O=Kuma\nOU=Mesh\nCN=demo');
    expect(certificate.subjectAltName).toBe('URI:spiffe://demo');
    expect(certificate.validFrom).toBe('Nov 20 11:59:50 2026 GMT');
    expect(certificate.validTo).toBe('Nov 21 12:00:00 2026 GMT');
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(BigInt(`0x${certificate.serialNumber}`) > 2n ** 64n).toBe(true);
  });

  it('makes RSA keys of the size that was asked for', () => {
    const certificate = new X509Certificate(rsa.certificate);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBeUndefined();
  });

  it('can last beyond 2049', async () => {
    const long = await createAuthority({ kind: 'ec', subject, lifetime: 50 * 365 * day, now });
    expect(new X509Certificate(long.certificate).validTo).toBe('Nov  7 12:00:00 2076 GMT');
  });

  it('does not show its key', () => {
    expect(JSON.stringify(ec)).toContain('"key":"[redacted]"');
  });
});

describe('loadAuthority', () => {
  it('reads both from one text, in either order', () => {
    for (const text of [ec.certificate + ec.key.reveal(), ec.key.reveal() + ec.certificate]) {
      expect(loadAuthorityBundle(new SecretValue(text)).certificates).toBe(ec.certificate);
    }
  });

  it('gives leaves of an intermediate authority the chain that leads to the root', () => {
    const root = loadAuthority(ec.certificate, ec.key);
    const pair = newEcKey();
    const intermediate = signCertificate(
      {
        subject: { commonName: 'below' },
        names: [],
        notBefore: now,
        notAfter: now + day,
        authority: true,
        usages: ['keyCertSign', 'cRLSign'],
        purposes: [],
      },
      pair,
      root.signer,
    );
    const authority = loadAuthority(intermediate + ec.certificate, pair.privateKey);
    expect(authority.certificates).toBe(intermediate + ec.certificate);
    const issued = issueWorkload({ ca: authority, uris: ['spiffe://demo/x'], lifetime: day, now });
    const [leaf = '', ...others] = issued.certificateChain.split(/(?<=-----END CERTIFICATE-----\n)/);
    expect(others).toEqual([intermediate]);
    expect(new X509Certificate(leaf).verify(new X509Certificate(intermediate).publicKey)).toBe(true);
    expect(new X509Certificate(leaf).issuer).toBe('CN=below');
  });
});

describe('checkAuthority', () => {
  const pair = (message: string) => [{ field: 'cert', message: `not a valid TLS key pair: ${message}` }];
  it.each<[string, () => [string, string], readonly unknown[]]>([
    ['a good one', () => [ec.certificate, ec.key.reveal()], []],
    ['nothing', () => ['', ''], pair('tls: failed to find any PEM data in certificate input')],
    ['no key', () => [ec.certificate, 'x'], pair('tls: failed to find any PEM data in key input')],
    [
      'another key',
      () => [ec.certificate, rsa.key.reveal()],
      pair('tls: private key does not match public key'),
    ],
    [
      'a broken certificate',
      () => [ec.certificate.replace(/\nMII.{8}/, '\nMIIAAAAAAAA'), ec.key.reveal()],
      pair('x509: malformed certificate'),
    ],
    [
      'a broken key',
      () => [ec.certificate, ec.key.reveal().replace(/\nMIG.{8}/, '\nMIGAAAAAAAA')],
      pair('tls: failed to parse private key'),
    ],
    [
      'too many',
      () => [ec.certificate.repeat(101), ec.key.reveal()],
      pair('chain must have <= 100 certificates, got 101'),
    ],
    [
      'a leaf',
      () => {
        const leaf = issueServer({
          ca: loadAuthority(ec.certificate, ec.key),
          hosts: ['a'],
          lifetime: day,
          now,
        });
        return [leaf.certificateChain, leaf.key.reveal()];
      },
      [
        { field: 'cert[0]', message: expect.stringMatching(/^basic constraint 'CA' must be set/) },
        {
          field: 'cert[0]',
          message: expect.stringMatching(/^key usage extension 'keyCertSign' must be set/),
        },
        {
          field: 'cert[0]',
          message: expect.stringMatching(/^key usage extension 'keyAgreement' must NOT be set/),
        },
      ],
    ],
  ])('%s', (_, make, expected) => {
    const [certificates, key] = make();
    const { violations } = checkAuthority(certificates, new SecretValue(key));
    expect(violations.list).toEqual(expected);
    if (expected.length > 0) {
      expect(() => loadAuthority(certificates, new SecretValue(key))).toThrowError(
        expect.objectContaining({ code: 'invalid', violations: expected }),
      );
    }
  });

  it('takes long nonsense calmly', () => {
    const begin = Date.now();
    for (const text of [
      '-----BEGIN '.repeat(20_000),
      `-----BEGIN CERTIFICATE-----${' '.repeat(200_000)}`,
      'x'.repeat(1e7),
    ]) {
      expect(checkAuthority(text, new SecretValue(text)).violations.empty).toBe(false);
    }
    expect(Date.now() - begin).toBeLessThan(5_000);
  });
});

const openssl = (() => {
  try {
    return execFileSync('openssl', ['version'], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
})();

describe.skipIf(openssl === undefined)('openssl', () => {
  it.each(['ec', 'rsa'] as const)('verifies strictly what an %s authority issued', async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'authority-'));
    try {
      const current = Date.now();
      const made = await createAuthority({
        kind: kind === 'ec' ? 'ec' : { rsaBits: 2048 },
        subject,
        lifetime: day,
        now: current,
        uris: ['spiffe://demo'],
      });
      const ca = loadAuthority(made.certificate, made.key);
      const leaf = issueWorkload({ ca, uris: ['spiffe://demo/web'], lifetime: day, now: current });
      await writeFile(join(folder, 'ca.pem'), made.certificate);
      await writeFile(join(folder, 'leaf.pem'), leaf.certificateChain);
      const files = ['-CAfile', join(folder, 'ca.pem'), join(folder, 'leaf.pem')];
      for (const purpose of ['sslserver', 'sslclient']) {
        const said = execFileSync('openssl', ['verify', '-x509_strict', '-purpose', purpose, ...files], {
          encoding: 'utf8',
        });
        expect(said).toContain('leaf.pem: OK');
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
