import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { KumulusError } from '../model/errors.ts';
import { SecretValue } from '../model/secret-value.ts';
import {
  type AlternativeName,
  encodeName,
  keyIdentifierOf,
  type Signer,
  type Subject,
  signCertificate,
} from './certificate.ts';
import { type DerValue, readDer } from './der.ts';
import { type KeyKind, newKey, signatureAlgorithm } from './keys.ts';
import { certificatesOf, privateKeyOf } from './pem.ts';

/** A certificate with its key, in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: SecretValue;
}

/** An authority that is ready to sign. */
export interface Authority {
  /** All certificates that were given with it, the signing one first, in PEM: what those who trust it trust. */
  readonly certificates: string;
  /** Those that belong into a leaf's chain: all of the above that are not self-signed. Mostly empty. */
  readonly intermediates: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  readonly signer: Signer;
}

export interface AuthorityOptions {
  readonly kind: KeyKind;
  readonly subject: Subject;
  /** Milliseconds. */
  readonly lifetime: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `spiffe://<mesh>` for the authority of a mesh. */
  readonly uris?: readonly string[];
}

/** How long before its making a certificate is valid already, for machines whose clocks are late. As in Kuma. */
export const clockSkew = 10_000;

/** Kuma's default for authorities: ten years of 365 days, in milliseconds. */
export const defaultAuthorityLifetime = 10 * 365 * 24 * 3_600_000;

/**
 * Makes an authority that signs itself.
 *
 * @throws KumulusError `invalid` where the RSA size or a name is not possible.
 */
export async function createAuthority(options: AuthorityOptions): Promise<KeyPair> {
  const key = await newKey(options.kind);
  const privateKey = createPrivateKey(key.privateKey.reveal());
  const certificate = signCertificate(
    {
      subject: options.subject,
      names: (options.uris ?? []).map((uri): AlternativeName => ({ uri })),
      notBefore: options.now - clockSkew,
      notAfter: options.now + options.lifetime,
      authority: true,
      usages: ['keyCertSign', 'cRLSign'],
      purposes: [],
    },
    key,
    {
      name: encodeName(options.subject),
      keyIdentifier: keyIdentifierOf(key.publicBits),
      key: privateKey,
      algorithm: signatureAlgorithm(privateKey),
    },
  );
  return { certificate, key: key.privateKey };
}

/**
 * Reads an authority from PEM: one certificate or a chain that starts with the signing one, and its private key.
 *
 * @throws KumulusError `invalid`, with the words of the reference where it has some, if there is no certificate, no
 *   key, they do not belong together, or the certificate may not sign others. The key is never part of the message.
 */
export function loadAuthority(certificates: string, key: SecretValue): Authority {
  const chain = certificatesOf(certificates).map(parseCertificate);
  const [signing] = chain;
  if (signing === undefined) throw new KumulusError('invalid', 'no certificate found in PEM');
  const privateKey = parsePrivateKey(key);
  if (!signing.certificate.checkPrivateKey(privateKey)) {
    throw new KumulusError('invalid', 'private key does not match the certificate');
  }
  if (!signing.certificate.ca) throw new KumulusError('invalid', 'certificate is not that of an authority');
  return {
    certificates: chain.map((each) => each.pem).join(''),
    intermediates: chain
      .filter((each) => each.certificate.issuer !== each.certificate.subject)
      .map((each) => each.pem)
      .join(''),
    notAfter: Date.parse(signing.certificate.validTo),
    signer: {
      name: signing.subject,
      ...(signing.keyIdentifier === undefined ? {} : { keyIdentifier: signing.keyIdentifier }),
      key: privateKey,
      algorithm: signatureAlgorithm(privateKey),
    },
  };
}

/** Reads an authority from one text that holds both, as the GlobalSecret `envoy-admin-ca` does. */
export function loadAuthorityBundle(text: SecretValue): Authority {
  const revealed = text.reveal();
  return loadAuthority(revealed, new SecretValue(privateKeyOf(revealed) ?? ''));
}

function parsePrivateKey(key: SecretValue): KeyObject {
  const pem = privateKeyOf(key.reveal());
  if (pem === undefined) throw new KumulusError('invalid', 'no private key found in PEM');
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's words may quote what it read.
    throw new KumulusError('invalid', 'private key cannot be read');
  }
}

interface ParsedCertificate {
  readonly pem: string;
  readonly certificate: X509Certificate;
  /** The DER of the subject, exactly as it stands there: issuers must repeat it octet by octet. */
  readonly subject: Buffer;
  readonly keyIdentifier: Buffer | undefined;
}

function parseCertificate(pem: string): ParsedCertificate {
  try {
    const certificate = new X509Certificate(pem);
    const [outer] = readDer(certificate.raw);
    const [toBeSigned] = readDer(outer?.body ?? Buffer.alloc(0));
    const fields = readDer(toBeSigned?.body ?? Buffer.alloc(0));
    // version [0], serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, …, extensions [3]
    const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
    return {
      pem,
      certificate,
      subject: Buffer.from(subject?.whole ?? []),
      keyIdentifier: subjectKeyIdentifier(fields.find((field) => field.tag === 0xa3)),
    };
  } catch (cause) {
    throw new KumulusError('invalid', 'certificate cannot be read', { cause });
  }
}

/** 2.5.29.14 */
const subjectKeyIdentifierType = Buffer.of(0x55, 0x1d, 0x0e);

function subjectKeyIdentifier(extensions: DerValue | undefined): Buffer | undefined {
  const [list] = readDer(extensions?.body ?? Buffer.alloc(0));
  for (const each of readDer(list?.body ?? Buffer.alloc(0))) {
    const parts = readDer(each.body);
    if (!subjectKeyIdentifierType.equals(parts[0]?.body ?? Buffer.alloc(0))) continue;
    const [octets] = readDer(parts.at(-1)?.body ?? Buffer.alloc(0));
    return octets === undefined ? undefined : Buffer.from(octets.body);
  }
  return undefined;
}
