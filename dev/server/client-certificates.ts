import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import type { ApiContext } from '../../src/http/routing.ts';
import type { Clock } from '../../src/model/ports.ts';

/** Whose client certificates count. */
export interface ClientCertificates {
  /** In PEM: what a TLS server trusts. */
  readonly authorities: readonly string[];
  /** What the TLS port found of a caller's certificate; undefined where none was shown. */
  of(context: ApiContext): 'trusted' | 'untrusted' | undefined;
}

/** The extended key usage of a TLS client (RFC 5280, section 4.2.1.12). */
const clientUsage = '1.3.6.1.5.5.7.3.2';

/**
 * Reads the certificates of a folder, `.pem` and `.crt`: those of authorities whose clients are let in as administrators,
 * or of the clients themselves, as KUMA_API_SERVER_AUTH_CLIENT_CERTS_DIR takes them.
 *
 * @throws Error that names the file which holds no certificate; the system's for a folder that cannot be read.
 */
export function readClientCertificates(folder: string, clock: Clock): ClientCertificates {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.(pem|crt)$/.test(entry.name))
    .map(({ name }) => join(folder, name));
  const authorities = files.map((path) => readFileSync(path, 'utf8'));
  const accepted = new Set(authorities.map((pem, at) => parse(pem, files[at] ?? '').fingerprint256));

  /** As in Go, a certificate in the folder counts although its authority is not there. */
  const isAccepted = (certificate: X509Certificate) =>
    accepted.has(certificate.fingerprint256) &&
    Date.parse(certificate.validFrom) <= clock() &&
    clock() <= Date.parse(certificate.validTo) &&
    (certificate.keyUsage === undefined || certificate.keyUsage.includes(clientUsage));

  return {
    authorities,
    of(context) {
      const incoming: unknown = Object(context.env).incoming;
      const socket = incoming instanceof IncomingMessage ? incoming.socket : undefined;
      const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
      if (!(socket instanceof TLSSocket) || certificate === undefined) {
        return undefined;
      }
      return socket.authorized || isAccepted(certificate) ? 'trusted' : 'untrusted';
    },
  };
}

function parse(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Error(`${path} holds no certificate in PEM`, { cause });
  }
}
