import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeEcKey, newEcKey, newRsaKey, signatureAlgorithm } from './keys.ts';

describe('encodeEcKey', () => {
  it('writes what node writes for the same key, octet by octet', () => {
    const key = newEcKey();
    const node = createPrivateKey(key.privateKey.reveal());
    expect(node.export({ type: 'pkcs8', format: 'pem' })).toBe(key.privateKey.reveal());
    expect(createPublicKey(node).export({ type: 'spki', format: 'der' }).equals(key.publicKey)).toBe(true);
  });

  it('pads a scalar that starts with zeros', () => {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(Buffer.from([1]));
    const key = encodeEcKey(Buffer.from([1]), ecdh.getPublicKey());
    const node = createPrivateKey(key.privateKey.reveal());
    expect(Buffer.from(node.export({ format: 'jwk' }).d ?? '', 'base64url').toString('hex')).toBe(
      '01'.padStart(64, '0'),
    );
    expect(createPublicKey(node).export({ type: 'spki', format: 'der' }).equals(key.publicKey)).toBe(true);
  });
});

describe('newRsaKey', () => {
  it.each([0, 1024, 2047, 8193, 2048.5, Number.NaN])('refuses %d bits', async (bits) => {
    await expect(newRsaKey(bits)).rejects.toMatchObject({
      code: 'invalid',
      message: /between 2048 and 8192/,
    });
  });

  it('makes the size that was asked for', async () => {
    const key = await newRsaKey(2048);
    expect(createPrivateKey(key.privateKey.reveal()).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });
});

it('signatureAlgorithm refuses keys that Envoy does not verify', () => {
  const ed25519 = createPrivateKey({
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    },
    format: 'jwk',
  });
  expect(() => signatureAlgorithm(ed25519)).toThrow(/got ed25519/);
});
