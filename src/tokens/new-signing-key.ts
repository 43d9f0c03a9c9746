import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { SecretValue } from '../model/secret-value.ts';

const generate = promisify(generateKeyPair);

/** A new key for signing tokens in the form in which Kuma stores it: RSA of 2,048 bits, PKCS #1 in PEM. */
export async function newSigningKey(): Promise<SecretValue> {
  const { privateKey } = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return new SecretValue(privateKey);
}

/** Gives new signing keys. */
export type SigningKeySource = () => Promise<SecretValue>;

/**
 * Keeps `ahead` keys ready, so that who makes a mesh does not wait the 0.1 to 0.5 s that a key takes; each key is given
 * once. Keys are made one at a time, outside of the event loop, and nothing is made before the first is asked for.
 */
export function createSigningKeySource(ahead = 1, make: SigningKeySource = newSigningKey): SigningKeySource {
  const ready: Promise<SecretValue>[] = [];
  let last: Promise<unknown> = Promise.resolve();

  function start(): Promise<SecretValue> {
    const key = last.then(make, make);
    key.catch(() => {
      const position = ready.indexOf(key);
      if (position >= 0) ready.splice(position, 1);
    });
    last = key;
    return key;
  }

  return () => {
    const key = ready.shift() ?? start();
    while (ready.length < ahead) ready.push(start());
    return key;
  };
}
