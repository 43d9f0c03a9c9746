import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import type { ApiContext } from '../../src/http/routing.ts';

/**
 * Reads the certificates of a folder, `.pem` and `.crt`: those of authorities whose clients are let in as administrators,
 * or of the clients themselves, as KUMA_API_SERVER_AUTH_CLIENT_CERTS_DIR takes them.
 *
 * @throws Error that names the file which holds no certificate; the system's for a folder that cannot be read.
 */
export function readClientCertificates(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.(pem|crt)$/.test(entry.name))
    .map(({ name }) => {
      const path = join(folder, name);
      const pem = readFileSync(path, 'utf8');
      try {
        new X509Certificate(pem);
      } catch (cause) {
        throw new Error(`${path} holds no certificate in PEM`, { cause });
      }
      return pem;
    });
}

/** What the TLS port found of a caller's certificate; undefined where none was shown. */
export function clientCertificateOf(context: ApiContext): 'trusted' | 'untrusted' | undefined {
  const incoming: unknown = Object(context.env).incoming;
  const socket = incoming instanceof IncomingMessage ? incoming.socket : undefined;
  if (!(socket instanceof TLSSocket) || socket.getPeerX509Certificate() === undefined) {
    return undefined;
  }
  return socket.authorized ? 'trusted' : 'untrusted';
}
