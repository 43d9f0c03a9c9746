import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  createAuthority,
  defaultAuthorityLifetime,
  loadAuthority,
} from '../../src/certificates/authority.ts';
import { issueServer } from '../../src/certificates/issue.ts';
import { SecretValue } from '../../src/model/secret-value.ts';

/** How long the server's own certificate lives; it is made anew at every start, so this bounds how long a server may run. */
const serverLifetime = 825 * 24 * 3_600_000;

/** What the two TLS ports of the local server use. */
export interface ServerTls {
  /** The file that callers trust. */
  readonly caFile: string;
  readonly certificate: string;
  readonly key: SecretValue;
  /** The names and addresses in the certificate. */
  readonly hosts: readonly string[];
}

/** Writes a file that is there whole or not at all, readable by its owner alone. */
function writeSecretly(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/**
 * The authority of the data folder (`ca.pem`, `ca-key.pem`), made on the first run, and a certificate for this machine.
 * The key is written before the certificate: a folder with a certificate is complete.
 */
export async function serverTls(
  data: string,
  now: number,
  extraHosts: readonly string[] = [],
): Promise<ServerTls> {
  const caFile = join(data, 'ca.pem');
  const keyFile = join(data, 'ca-key.pem');
  if (!existsSync(caFile)) {
    const made = await createAuthority({
      kind: 'ec',
      subject: { organization: 'Kumulus', commonName: 'Kumulus local server' },
      lifetime: defaultAuthorityLifetime,
      now,
    });
    writeSecretly(keyFile, made.key.reveal());
    writeSecretly(caFile, made.certificate);
  }
  const ca = loadAuthority(readFileSync(caFile, 'utf8'), new SecretValue(readFileSync(keyFile, 'utf8')));
  const hosts = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...extraHosts])];
  const issued = issueServer({ ca, hosts, lifetime: serverLifetime, now });
  return { caFile, certificate: issued.certificateChain, key: issued.key, hosts };
}
