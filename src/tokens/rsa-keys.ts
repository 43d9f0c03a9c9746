import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { secretData } from '../secrets/secret-data.ts';

/** A public key that tokens are held against. */
export interface VerificationKey {
  readonly publicKey: KeyObject;
  /** A hash of the key itself: the same name may be given to another one. */
  readonly digest: string;
}

/** A key pair that tokens are signed with. */
export interface KeyPair extends VerificationKey {
  readonly privateKey: KeyObject;
}

/** Parsing a key takes half a millisecond. Resources are immutable, so what was read holds as long as the object. */
const pairs = new WeakMap<Resource, KeyPair>();
const publics = new WeakMap<Resource, VerificationKey>();

/**
 * The key pair in a secret: PEM in any form, or the bare PKCS #1 that old versions of Kuma stored.
 *
 * @throws KumulusError `internal` where it is no RSA key of at least 2,048 bits.
 */
export function keyPairOf(secret: Resource): KeyPair {
  const known = pairs.get(secret);
  if (known !== undefined) return known;
  const pair = readPair(secret);
  pairs.set(secret, pair);
  return pair;
}

/**
 * The public key in a secret, in PEM.
 *
 * @throws KumulusError `bad_request` as {@link readPublicKey} does.
 */
export function publicKeyOf(secret: Resource): VerificationKey {
  const known = publics.get(secret) ?? readPublicKey(secretData(secret).toString('utf8'), secret.name);
  publics.set(secret, known);
  return known;
}

/**
 * Reads a public key in PEM, as `kumactl generate public-key` writes it.
 *
 * @param name what the refusal calls it.
 * @throws KumulusError `bad_request` where it is no public RSA key of at least 2,048 bits. A private key is none: it
 *   must not lie where a public one does.
 */
export function readPublicKey(pem: string, name: string): VerificationKey {
  if (!pem.includes('PUBLIC KEY-----')) {
    throw new KumulusError('bad_request', `${name} is no public key in PEM`);
  }
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey(pem);
  } catch {
    throw new KumulusError('bad_request', `public key ${name} cannot be read`);
  }
  if (!isStrongRsa(publicKey)) {
    throw new KumulusError('bad_request', `public key ${name} must be an RSA key of at least 2048 bits`);
  }
  return { publicKey, digest: digestOf(publicKey) };
}

function readPair(secret: Resource): KeyPair {
  const contents = secretData(secret);
  let privateKey: KeyObject;
  try {
    privateKey = contents.includes('-----BEGIN ')
      ? createPrivateKey(contents)
      : createPrivateKey({ key: contents, format: 'der', type: 'pkcs1' });
  } catch {
    // OpenSSL's words may quote what it read.
    throw new KumulusError('internal', `signing key ${secret.name} cannot be read`);
  }
  if (!isStrongRsa(privateKey)) {
    throw new KumulusError('internal', `signing key ${secret.name} must be an RSA key of at least 2048 bits`);
  }
  const publicKey = createPublicKey(privateKey);
  return { privateKey, publicKey, digest: digestOf(publicKey) };
}

function isStrongRsa(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
}

function digestOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}
