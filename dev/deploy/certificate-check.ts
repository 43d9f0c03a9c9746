import { createPrivateKey, X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { certificatesOf } from '../../src/certificates/pem.ts';
import { KumulusError } from '../../src/model/errors.ts';

/** What the secret of the relays' certificate has, as JSON: PEM each, the certificate's leaf first. */
const secretSchema = z.object({ certificate: z.string(), key: z.string(), ca: z.string() });

/** What is known of a certificate that relays can show. */
export interface CheckedCertificate {
  /** Milliseconds since 1970. */
  readonly validUntil: number;
  /** Whom it is for, as it says it itself. */
  readonly names: string;
  /** Those of the hosts asked for that it is not for. */
  readonly uncovered: readonly string[];
  /** The subject of the first authority that proxies are given. */
  readonly authority: string;
  /** The member itself: what proxies are given that are told no authority. */
  readonly ca: string;
}

const wrong = (what: string, cause?: unknown) => new KumulusError('invalid', what, { cause });

/**
 * Checks the value of the secret as relays will read it, so that a mistake is told before they are replaced.
 *
 * @param hosts Names by which proxies dial the relays.
 * @throws KumulusError `invalid` that names the member; nothing of a key is ever in it.
 */
export function checkCertificate(text: string, hosts: readonly string[]): CheckedCertificate {
  const { certificate, key, ca } = membersOf(text);
  const chain = readAll('certificate', certificate);
  const authorities = readAll('ca', ca);
  const [leaf] = chain;
  const [authority] = authorities;
  if (!leaf.checkPrivateKey(privateKey(key))) {
    throw wrong('its member key is not the key of the first certificate in the member certificate');
  }
  const isTrusted = chain.some((one) =>
    authorities.some((by) => one.fingerprint256 === by.fingerprint256 || isSignedBy(one, by)),
  );
  if (!isTrusted) {
    throw wrong(
      `its member ca has no authority that signed the certificate or its chain, which is by ${line(leaf.issuer)}`,
    );
  }
  return {
    validUntil: Date.parse(leaf.validTo),
    names: leaf.subjectAltName ?? 'nobody: it has no subject alternative names',
    uncovered: hosts.filter((host) => leaf.checkHost(host, { subject: 'never' }) === undefined),
    authority: line(authority.subject),
    ca,
  };
}

function membersOf(text: string) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Its message would show what the text begins with.
    throw wrong('it is no JSON');
  }
  const { data, error } = secretSchema.safeParse(json);
  if (error !== undefined) {
    const members = error.issues.map(({ path }) => path.join('.') || 'itself');
    throw wrong(`it takes the members certificate, key and ca, texts in PEM; wrong is ${members.join(', ')}`);
  }
  return data;
}

function readAll(member: string, text: string): readonly [X509Certificate, ...X509Certificate[]] {
  try {
    const [first, ...others] = certificatesOf(text).map((one) => new X509Certificate(one));
    if (first !== undefined) return [first, ...others];
  } catch (cause) {
    throw wrong(`its member ${member} cannot be read: ${String(Object(cause).message)}`, cause);
  }
  throw wrong(`its member ${member} has no certificate in PEM`);
}

function privateKey(text: string) {
  try {
    return createPrivateKey(text);
  } catch {
    throw wrong('its member key has no private key in PEM, or one with a password');
  }
}

const isSignedBy = (one: X509Certificate, by: X509Certificate) =>
  one.checkIssued(by) && one.verify(by.publicKey);

/** Node tells names a part a line. */
const line = (name: string) => name.replaceAll('\n', ', ');
