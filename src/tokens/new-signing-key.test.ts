import { createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SecretValue } from '../model/secret-value.ts';
import { createSigningKeySource, newSigningKey } from './new-signing-key.ts';

it('newSigningKey gives an RSA key of 2,048 bits as PKCS #1 in PEM', async () => {
  const pem = (await newSigningKey()).reveal();
  expect(pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
  expect(createPrivateKey(pem).asymmetricKeyDetails?.modulusLength).toBe(2048);
});

describe('createSigningKeySource', () => {
  it('makes nothing before it is asked, then one ahead, and gives each key once', async () => {
    let made = 0;
    const source = createSigningKeySource(1, async () => new SecretValue(`key ${++made}`));
    expect(made).toBe(0);
    const given = [(await source()).reveal(), (await source()).reveal(), (await source()).reveal()];
    expect(given).toEqual(['key 1', 'key 2', 'key 3']);
    expect(made).toBe(4);
  });

  it('does not give out a key that failed to be made ahead', async () => {
    let tries = 0;
    const source = createSigningKeySource(1, async () => {
      tries += 1;
      if (tries === 2) throw new Error('no entropy');
      return new SecretValue(`key ${tries}`);
    });
    expect((await source()).reveal()).toBe('key 1');
    await new Promise((resolve) => setImmediate(resolve));
    expect((await source()).reveal()).toBe('key 3');
  });
});
