import { createPrivateKey, type KeyObject } from 'node:crypto';
import { isKumulusError } from '../model/errors.ts';
import type { SecretValue } from '../model/secret-value.ts';
import { index, Violations } from '../model/violations.ts';
import { keyUsages } from './certificate.ts';
import { signatureAlgorithm } from './keys.ts';
import { type ParsedCertificate, parseCertificate } from './parsed-certificate.ts';
import { certificatesOf, privateKeyOf } from './pem.ts';

/** What was read of an authority; usable where there are no violations. */
export interface CheckedAuthority {
  /** Fields are `cert` and `cert[0]`…; the words are those of the reference. Nothing of the key is in them. */
  readonly violations: Violations;
  readonly chain: readonly ParsedCertificate[];
  readonly privateKey: KeyObject | undefined;
}

/** Longer chains are not looked at; Envoy verifies at most 100 certificates. */
const maxCertificates = 100;

/** Checks that a certificate (with its chain) and a key make an authority for SPIFFE identities. */
export function checkAuthority(certificates: string, key: SecretValue): CheckedAuthority {
  const violations = new Violations();
  let chain: readonly ParsedCertificate[] = [];
  let privateKey: KeyObject | undefined;
  try {
    chain = readChain(certificates);
    privateKey = readPrivateKey(key);
    if (chain[0]?.certificate.checkPrivateKey(privateKey) !== true) {
      throw new PairError('tls: private key does not match public key');
    }
    signatureAlgorithm(privateKey);
  } catch (error) {
    if (!(error instanceof PairError || isKumulusError(error))) throw error;
    violations.add('cert', `not a valid TLS key pair: ${error.message}`);
    return { violations, chain, privateKey };
  }
  for (const [position, each] of chain.entries()) checkUsage(violations, index('cert', position), each);
  return { violations, chain, privateKey };
}

/** Why a certificate and a key are no pair, in the words of Go's crypto/tls where it has some. */
class PairError extends Error {}

function readChain(text: string): readonly ParsedCertificate[] {
  const certificates = certificatesOf(text);
  if (certificates.length === 0) throw new PairError('tls: failed to find any PEM data in certificate input');
  if (certificates.length > maxCertificates) {
    throw new PairError(`chain must have <= ${maxCertificates} certificates, got ${certificates.length}`);
  }
  try {
    return certificates.map(parseCertificate);
  } catch {
    throw new PairError('x509: malformed certificate');
  }
}

function readPrivateKey(key: SecretValue): KeyObject {
  const pem = privateKeyOf(key.reveal());
  if (pem === undefined) throw new PairError('tls: failed to find any PEM data in key input');
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's words may quote what it read.
    throw new PairError('tls: failed to parse private key');
  }
}

function checkUsage(violations: Violations, path: string, { certificate, usages }: ParsedCertificate): void {
  if (!certificate.ca) {
    violations.add(
      path,
      "basic constraint 'CA' must be set to 'true' (see X509-SVID: 4.1. Basic Constraints)",
    );
  }
  if (!usages.has(keyUsages.keyCertSign)) {
    violations.add(path, "key usage extension 'keyCertSign' must be set (see X509-SVID: 4.3. Key Usage)");
  }
  if (usages.has(keyUsages.keyAgreement)) {
    violations.add(
      path,
      "key usage extension 'keyAgreement' must NOT be set (see X509-SVID: Appendix A. X.509 Field Reference)",
    );
  }
}
