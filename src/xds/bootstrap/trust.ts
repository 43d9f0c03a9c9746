import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** What the relay serves TLS with, as bootstraps need it. */
export interface ServerCertificate {
  /** The leaf first, in PEM. */
  readonly certificate: string;
  /** What proxies are to trust that were not given a CA themselves, in PEM; the certificate itself where absent. */
  readonly ca?: string;
}

/** A fleet sends one and the same CA, and reading it takes longer than the rest of a bootstrap. */
const read = new Map<string, X509Certificate>();
const maxRead = 32;

/**
 * Reads the first certificate of a PEM text.
 *
 * @throws Error where it cannot be read.
 */
export function readCertificate(pem: string): X509Certificate {
  const known = read.get(pem) ?? new X509Certificate(pem);
  if (!read.has(pem)) {
    if (read.size >= maxRead) {
      read.clear();
    }
    read.set(pem, known);
  }
  return known;
}

/** The object identifier of basic constraints (RFC 5280, 4.2.1.9) as DER writes it. */
const basicConstraints = Buffer.from('0603551d13', 'hex');

/** Whether the host is one that the certificate was made for. */
export function coversHost(certificate: X509Certificate, host: string): boolean {
  if (host === '') {
    return false;
  }
  return (
    (isIP(host) === 0 ? certificate.checkHost(host, { subject: 'never' }) : certificate.checkIP(host)) !==
    undefined
  );
}

/** An IPv6 address in its short form (RFC 5952), which X.509 tools do not use. */
function shortAddress(name: string): string {
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}

/** The names and addresses in a certificate, sorted, as the reference prints them. */
export function alternativeNames(certificate: X509Certificate): readonly string[] {
  const names = (certificate.subjectAltName ?? '').split(', ').flatMap((entry) => {
    const [, name] = /^(?:DNS|IP Address):(.+)$/.exec(entry) ?? [];
    return name === undefined ? [] : [shortAddress(name)];
  });
  return [...new Set(names)].sort();
}

/** Whether it says of itself that it is no authority; one without basic constraints says nothing. */
export function isNoAuthority(certificate: X509Certificate): boolean {
  return !certificate.ca && certificate.raw.includes(basicConstraints);
}
