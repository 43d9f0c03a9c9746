import { createPrivateKey } from 'node:crypto';
import { KumulusError } from '../model/errors.ts';
import { SecretValue } from '../model/secret-value.ts';
import { checkAuthority } from './authority-check.ts';
import {
  type AlternativeName,
  encodeName,
  keyIdentifierOf,
  type Signer,
  type Subject,
  signCertificate,
} from './certificate.ts';
import { type KeyKind, newKey, signatureAlgorithm } from './keys.ts';
import { privateKeyOf } from './pem.ts';

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
  readonly notBefore: number;
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
 * @throws KumulusError `invalid` where {@link checkAuthority} finds violations, which it carries.
 */
export function loadAuthority(certificates: string, key: SecretValue): Authority {
  const { violations, chain, privateKey } = checkAuthority(certificates, key);
  const [signing] = chain;
  if (signing === undefined || privateKey === undefined || !violations.empty) {
    const reasons = violations.list.map((violation) => `${violation.field}: ${violation.message}`);
    throw new KumulusError('invalid', `authority cannot be used: ${reasons.join('; ')}`, {
      violations: violations.list,
    });
  }
  return {
    certificates: chain.map((each) => each.pem).join(''),
    intermediates: chain
      .filter((each) => each.certificate.issuer !== each.certificate.subject)
      .map((each) => each.pem)
      .join(''),
    notBefore: Date.parse(signing.certificate.validFrom),
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
