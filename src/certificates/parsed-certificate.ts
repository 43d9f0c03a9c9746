import { X509Certificate } from 'node:crypto';
import { type DerValue, readDer } from './der.ts';

/** What an issuer and its checks need of a certificate, beyond what node tells of it. */
export interface ParsedCertificate {
  readonly pem: string;
  readonly certificate: X509Certificate;
  /** The DER of the subject exactly as it stands there: what it issues must repeat it octet by octet. */
  readonly subject: Uint8Array;
  /** The octets of the SubjectKeyIdentifier; undefined where it has none. */
  readonly keyIdentifier: Uint8Array | undefined;
  /** The numbers of the bits that KeyUsage sets (RFC 5280 4.2.1.3); empty where it is absent. */
  readonly usages: ReadonlySet<number>;
}

const types = { subjectKeyIdentifier: '551d0e', keyUsage: '551d0f' };
const empty = new Uint8Array();

/**
 * Reads a certificate.
 *
 * @param pem exactly one, in PEM.
 * @throws Error (OpenSSL's, or a RangeError) where it is none.
 */
export function parseCertificate(pem: string): ParsedCertificate {
  const certificate = new X509Certificate(pem);
  const toBeSigned = inside(inside(inside(certificate.raw)[0])[0]);
  const extensions = extensionsOf(toBeSigned);
  const usage = extensions.get(types.keyUsage);
  // version [0], serialNumber, signature, issuer, validity, subject, …; version 1 leaves out the first.
  const subject = toBeSigned[toBeSigned[0]?.tag === 0xa0 ? 5 : 4];
  return {
    pem,
    certificate,
    subject: subject?.whole ?? empty,
    keyIdentifier: extensions.get(types.subjectKeyIdentifier)?.body,
    usages: new Set(usage === undefined ? [] : bitsOf(usage.body)),
  };
}

function inside(value: DerValue | Uint8Array | undefined): readonly DerValue[] {
  return readDer(value === undefined ? empty : value instanceof Uint8Array ? value : value.body);
}

/** The one value within each extension, by the hexadecimal digits of its type. */
function extensionsOf(toBeSigned: readonly DerValue[]): ReadonlyMap<string, DerValue> {
  const found = new Map<string, DerValue>();
  const explicit = toBeSigned.find((field) => field.tag === 0xa3);
  for (const extension of inside(inside(explicit)[0])) {
    const parts = inside(extension);
    const [value] = inside(parts.at(-1));
    if (value !== undefined) found.set(Buffer.from(parts[0]?.body ?? empty).toString('hex'), value);
  }
  return found;
}

function bitsOf(bitString: Uint8Array): readonly number[] {
  const octets = bitString.subarray(1);
  return Array.from({ length: octets.length * 8 }, (_, bit) => bit).filter(
    (bit) => ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0,
  );
}
