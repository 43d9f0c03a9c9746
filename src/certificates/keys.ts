import { createECDH, createPublicKey, generateKeyPair, hkdfSync, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { KumulusError } from '../model/errors.ts';
import { SecretValue } from '../model/secret-value.ts';
import { bitString, contextTag, der, derTags, oid, sequence, unsignedInteger } from './der.ts';
import { writePem } from './pem.ts';

/** A new key pair, ready to be put into a certificate. */
export interface NewKey {
  /** The DER of the SubjectPublicKeyInfo (RFC 5280 4.1). */
  readonly publicKey: Buffer;
  /** The bits of `subjectPublicKey`: what a key identifier is the hash of (RFC 5280 4.2.1.2). */
  readonly publicBits: Buffer;
  /** PKCS #8 in PEM. */
  readonly privateKey: SecretValue;
}

/** `ec` is P-256; an RSA key says how many bits it has. */
export type KeyKind = 'ec' | { readonly rsaBits: number };

/** RFC 5480: id-ecPublicKey on secp256r1. */
const p256 = sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7'));

/**
 * A P-256 key. node's own key generation gives KeyObjects whose export to DER takes 0.2 to 0.4 ms each, several times
 * what making the key takes, so the two fixed encodings are written here.
 */
export function newEcKey(): NewKey {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  return encodeEcKey(ecdh.getPrivateKey(), ecdh.getPublicKey());
}

/**
 * The P-256 key that follows from a secret and a name: the same ones always give the same key (HKDF, RFC 5869).
 */
export function deriveEcKey(secret: KeyObject, name: string): NewKey {
  const ecdh = createECDH('prime256v1');
  for (let attempt = 0; ; attempt += 1) {
    const scalar = Buffer.from(hkdfSync('sha256', secret, '', `kumulus p256 ${attempt} ${name}`, 32));
    try {
      ecdh.setPrivateKey(scalar);
    } catch {
      // One in four thousand million is not below the order of the curve.
      continue;
    }
    return encodeEcKey(scalar, ecdh.getPublicKey());
  }
}

/**
 * Writes a P-256 key by RFC 5480 (public) and RFC 5915 inside RFC 5208 (private).
 *
 * @param scalar big-endian, where OpenSSL leaves out leading zeros; RFC 5915 wants the full 32 octets.
 * @param publicBits the uncompressed point.
 */
export function encodeEcKey(scalar: Uint8Array, publicBits: Buffer): NewKey {
  const padded = Buffer.alloc(32);
  padded.set(scalar, 32 - scalar.length);
  const privateKey = sequence(
    unsignedInteger(Buffer.of(1)),
    der(derTags.octetString, padded),
    der(contextTag(1, true), bitString(publicBits)),
  );
  const pkcs8 = sequence(unsignedInteger(Buffer.of(0)), p256, der(derTags.octetString, privateKey));
  return {
    publicKey: sequence(p256, bitString(publicBits)),
    publicBits,
    privateKey: new SecretValue(writePem('PRIVATE KEY', pkcs8)),
  };
}

/** The sizes that are served: below, BoringSSL (Envoy) refuses the key; above, making one takes minutes. */
const rsaSizes = { least: 2048, most: 8192 };

const generate = promisify(generateKeyPair);

/**
 * An RSA key, made outside of the event loop; some 0.1 s for 2,048 bits, seconds for 8,192.
 *
 * @throws KumulusError `invalid` where the size is not between 2,048 and 8,192 bits.
 */
export async function newRsaKey(bits: number): Promise<NewKey> {
  if (!Number.isInteger(bits) || bits < rsaSizes.least || bits > rsaSizes.most) {
    throw new KumulusError(
      'invalid',
      `RSA key must have between ${rsaSizes.least} and ${rsaSizes.most} bits, got ${bits}`,
    );
  }
  const { publicKey, privateKey } = await generate('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return {
    publicKey,
    publicBits: createPublicKey({ key: publicKey, format: 'der', type: 'spki' }).export({
      type: 'pkcs1',
      format: 'der',
    }),
    privateKey: new SecretValue(privateKey),
  };
}

export async function newKey(kind: KeyKind): Promise<NewKey> {
  return kind === 'ec' ? newEcKey() : await newRsaKey(kind.rsaBits);
}

/** How a key signs: the AlgorithmIdentifier that goes into the certificate, and node's name of the digest. */
export interface SignatureAlgorithm {
  readonly identifier: Buffer;
  readonly digest: 'sha256' | 'sha384' | 'sha512';
}

const ecdsa: Readonly<
  Record<string, { readonly oid: string; readonly digest: SignatureAlgorithm['digest'] }>
> = {
  prime256v1: { oid: '1.2.840.10045.4.3.2', digest: 'sha256' },
  secp384r1: { oid: '1.2.840.10045.4.3.3', digest: 'sha384' },
  secp521r1: { oid: '1.2.840.10045.4.3.4', digest: 'sha512' },
};

/** RFC 4055: sha256WithRSAEncryption, whose parameters are NULL. */
const rsaSha256 = sequence(oid('1.2.840.113549.1.1.11'), Buffer.of(0x05, 0x00));

/**
 * The algorithm by which an authority's key signs.
 *
 * @throws KumulusError `invalid` for keys that are neither RSA nor on a NIST curve, which Envoy would not verify.
 */
export function signatureAlgorithm(key: KeyObject): SignatureAlgorithm {
  if (key.asymmetricKeyType === 'rsa') return { identifier: rsaSha256, digest: 'sha256' };
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  const known = key.asymmetricKeyType === 'ec' ? ecdsa[curve] : undefined;
  if (known === undefined) {
    const what = curve === '' ? (key.asymmetricKeyType ?? 'unknown') : `ec ${curve}`;
    throw new KumulusError(
      'invalid',
      `authority's key must be RSA or EC on P-256, P-384 or P-521, got ${what}`,
    );
  }
  return { identifier: sequence(oid(known.oid)), digest: known.digest };
}
