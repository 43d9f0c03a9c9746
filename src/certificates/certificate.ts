import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { KumulusError } from '../model/errors.ts';
import {
  bitString,
  contextTag,
  der,
  derTags,
  namedBits,
  oid,
  sequence,
  time,
  unsignedInteger,
} from './der.ts';
import type { NewKey, SignatureAlgorithm } from './keys.ts';
import { writePem } from './pem.ts';

/** The bits of KeyUsage, RFC 5280 4.2.1.3. */
export const keyUsages = {
  digitalSignature: 0,
  keyEncipherment: 2,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
} as const;

export type KeyUsage = keyof typeof keyUsages;

/** The purposes of ExtendedKeyUsage, RFC 5280 4.2.1.12. */
export type Purpose = 'server' | 'client';

/** The attributes of a distinguished name that are written, in the order in which they are. */
export interface Subject {
  readonly organization?: string;
  readonly organizationalUnit?: string;
  readonly commonName?: string;
}

/** What a certificate says, whoever signs it. */
export interface CertificateContents {
  /** Empty for an identity, which is told by its names alone. */
  readonly subject: Subject;
  /** Written in the order given. */
  readonly names: readonly AlternativeName[];
  /** Milliseconds since 1970; whole seconds are kept. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly authority: boolean;
  readonly usages: readonly KeyUsage[];
  readonly purposes: readonly Purpose[];
  /** Unsigned, big-endian, at most 20 octets; 126 random bits unless told. */
  readonly serialNumber?: Uint8Array;
}

/** A SubjectAltName, RFC 5280 4.2.1.6. */
export type AlternativeName = { readonly uri: string } | { readonly dns: string } | { readonly ip: string };

/** Who signs: for a certificate that signs itself, its own subject and key. */
export interface Signer {
  /** The DER of the issuer's name. */
  readonly name: Uint8Array;
  /** The octets of the issuer's SubjectKeyIdentifier; absent where it has none. */
  readonly keyIdentifier?: Uint8Array;
  readonly key: KeyObject;
  readonly algorithm: SignatureAlgorithm;
}

const attributes = [
  ['organization', oid('2.5.4.10')],
  ['organizationalUnit', oid('2.5.4.11')],
  ['commonName', oid('2.5.4.3')],
] as const;

/** The DER of a distinguished name. */
export function encodeName(subject: Subject): Buffer {
  const parts: Buffer[] = [];
  for (const [attribute, type] of attributes) {
    const value = subject[attribute];
    if (value === undefined) continue;
    parts.push(der(derTags.set, sequence(type, der(derTags.utf8String, Buffer.from(value, 'utf8')))));
  }
  return sequence(...parts);
}

/** The key identifier by the first method of RFC 5280 4.2.1.2: the SHA-1 of the public key's bits; no signature rests on it. */
export function keyIdentifierOf(publicBits: Uint8Array): Buffer {
  return createHash('sha1').update(publicBits).digest();
}

const version3 = der(contextTag(0, true), unsignedInteger(Buffer.of(2)));
const critical = der(derTags.boolean, Buffer.of(0xff));
const extensionTypes = {
  subjectKeyIdentifier: oid('2.5.29.14'),
  keyUsage: oid('2.5.29.15'),
  subjectAltName: oid('2.5.29.17'),
  basicConstraints: oid('2.5.29.19'),
  authorityKeyIdentifier: oid('2.5.29.35'),
  extKeyUsage: oid('2.5.29.37'),
};
const purposeTypes: Readonly<Record<Purpose, Buffer>> = {
  server: oid('1.3.6.1.5.5.7.3.1'),
  client: oid('1.3.6.1.5.5.7.3.2'),
};

function extension(type: Buffer, isCritical: boolean, value: Buffer): Buffer {
  const octets = der(derTags.octetString, value);
  return isCritical ? sequence(type, critical, octets) : sequence(type, octets);
}

/** Whether a text can stand in an IA5String as a name: visible ASCII, no spaces. */
const visible = /^[\x21-\x7e]{1,2048}$/;

function ascii(text: string): Buffer {
  if (!visible.test(text)) {
    throw new KumulusError(
      'invalid',
      `a certificate's name must be 1 to 2048 visible ASCII characters, got ${JSON.stringify(text.slice(0, 80))}`,
    );
  }
  return Buffer.from(text, 'latin1');
}

function ipOctets(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  if (isIP(address) !== 6) {
    throw new KumulusError('invalid', `not an IP address: ${JSON.stringify(address.slice(0, 80))}`);
  }
  // The URL parser writes every form of an IPv6 address, embedded IPv4 included, as groups of hexadecimal digits.
  const plain = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function encodeAlternativeName(name: AlternativeName): Buffer {
  if ('dns' in name) return der(contextTag(2, false), ascii(name.dns));
  if ('uri' in name) return der(contextTag(6, false), ascii(name.uri));
  return der(contextTag(7, false), ipOctets(name.ip));
}

function extensions(contents: CertificateContents, subjectIdentifier: Buffer, signer: Signer): Buffer {
  const list = [
    extension(extensionTypes.keyUsage, true, namedBits(contents.usages.map((usage) => keyUsages[usage]))),
    extension(extensionTypes.basicConstraints, true, contents.authority ? sequence(critical) : sequence()),
    extension(extensionTypes.subjectKeyIdentifier, false, der(derTags.octetString, subjectIdentifier)),
  ];
  if (contents.purposes.length > 0) {
    const types = contents.purposes.map((purpose) => purposeTypes[purpose]);
    list.push(extension(extensionTypes.extKeyUsage, false, sequence(...types)));
  }
  if (signer.keyIdentifier !== undefined) {
    const identifier = sequence(der(contextTag(0, false), signer.keyIdentifier));
    list.push(extension(extensionTypes.authorityKeyIdentifier, false, identifier));
  }
  if (contents.names.length > 0) {
    // RFC 5280 4.2.1.6: critical where the subject says nothing.
    const nameless = Object.values(contents.subject).every((value) => value === undefined);
    const names = sequence(...contents.names.map(encodeAlternativeName));
    list.push(extension(extensionTypes.subjectAltName, nameless, names));
  }
  return der(contextTag(3, true), sequence(...list));
}

function randomSerialNumber(): Buffer {
  return positive(randomBytes(16));
}

/** Sixteen octets as a serial number: positive and never zero (RFC 5280 4.1.2.2). */
export function positive(octets: Uint8Array): Buffer {
  const serial = Buffer.from(octets);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

/**
 * Writes and signs a certificate of version 3 (RFC 5280 4.1), in PEM.
 *
 * @throws KumulusError `invalid` where a name cannot stand in a certificate.
 */
export function signCertificate(contents: CertificateContents, key: NewKey, signer: Signer): string {
  const toBeSigned = sequence(
    version3,
    unsignedInteger(contents.serialNumber ?? randomSerialNumber()),
    signer.algorithm.identifier,
    signer.name,
    sequence(time(contents.notBefore), time(contents.notAfter)),
    encodeName(contents.subject),
    key.publicKey,
    extensions(contents, keyIdentifierOf(key.publicBits), signer),
  );
  const signature = sign(signer.algorithm.digest, toBeSigned, signer.key);
  return writePem('CERTIFICATE', sequence(toBeSigned, signer.algorithm.identifier, bitString(signature)));
}
