import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { SecretValue } from '../model/secret-value.ts';
import { createAdminAuthority, createAdminCertificates } from './admin.ts';

const now = Date.parse('2026-11-20T12:00:00Z');

let bundle: SecretValue;
beforeAll(async () => {
  bundle = new SecretValue(await createAdminAuthority(now));
});

describe('the admin authority', () => {
  it('is the one that Kuma makes', () => {
    const certificate = new X509Certificate(bundle.reveal());
    expect(certificate.subject).toBe('O=Kuma\nOU=Mesh\nCN=Envoy Admin CA');
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(createAdminCertificates(bundle).trustedCa).toBe(certificate.toString());
  });
});

describe('server certificates', () => {
  it.each([
    ['10.0.0.1', (leaf: X509Certificate) => leaf.checkIP('10.0.0.1')],
    ['fd00::1', (leaf: X509Certificate) => leaf.checkIP('fd00::1')],
    ['proxy.example', (leaf: X509Certificate) => leaf.checkHost('proxy.example')],
  ])('are for %s alone', (address, check) => {
    const admin = createAdminCertificates(bundle);
    const pair = admin.server(address);
    const leaf = new X509Certificate(pair.certificate);
    expect(check(leaf)).toBeDefined();
    expect(leaf.verify(new X509Certificate(admin.trustedCa).publicKey)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(pair.key.reveal()))).toBe(true);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(leaf.validTo).toBe(new X509Certificate(admin.trustedCa).validTo);
  });

  it('are the same in every relay, and other for every address', () => {
    const [one, two] = [createAdminCertificates(bundle), createAdminCertificates(bundle)];
    const first = one.server('10.0.0.1');
    expect(two.server('10.0.0.1').certificate).toBe(first.certificate);
    expect(two.server('10.0.0.1').key.reveal()).toBe(first.key.reveal());
    expect(one.server('10.0.0.1')).toBe(first);
    const other = one.server('10.0.0.2');
    expect(other.key.reveal()).not.toBe(first.key.reveal());
    const serial = (pair: { certificate: string }) => new X509Certificate(pair.certificate).serialNumber;
    expect(serial(other)).not.toBe(serial(first));
  });

  it('are others under another authority', async () => {
    const other = new SecretValue(await createAdminAuthority(now));
    const key = createAdminCertificates(other).server('10.0.0.1').key.reveal();
    expect(key).not.toBe(createAdminCertificates(bundle).server('10.0.0.1').key.reveal());
  });
});

it('the control plane shows itself by the name that Kuma has for it', () => {
  const admin = createAdminCertificates(bundle);
  const client = new X509Certificate(admin.client(now).certificateChain);
  expect(client.subjectAltName).toBe('DNS:kuma-cp');
  expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(client.verify(new X509Certificate(admin.trustedCa).publicKey)).toBe(true);
});
