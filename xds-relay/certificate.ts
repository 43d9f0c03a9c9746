import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** What the port for proxies shows, and what proxies are to trust; all in PEM. */
export interface RelayCertificate {
  /** The certificate, the leaf first, with the chain that leads to the authority. */
  readonly cert: string;
  readonly key: string;
  /** What proxies are to trust that bring no CA along. */
  readonly ca: string;
}

interface Source {
  /** The variable with the text itself, as a task gets secrets of Secrets Manager. */
  readonly text: string;
  /** The variable with the path of a file. */
  readonly file: string;
}

const certSource: Source = { text: 'KUMULUS_DP_SERVER_TLS_CERT', file: 'KUMA_DP_SERVER_TLS_CERT_FILE' };
const keySource: Source = { text: 'KUMULUS_DP_SERVER_TLS_KEY', file: 'KUMA_DP_SERVER_TLS_KEY_FILE' };
const caSource: Source = { text: 'KUMULUS_DP_SERVER_CA', file: 'KUMULUS_DP_SERVER_CA_FILE' };

/** The text, and the variable that it came by. */
interface Found {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads the relay's certificate from `KUMULUS_DP_SERVER_TLS_CERT`, `KUMULUS_DP_SERVER_TLS_KEY` and `KUMULUS_DP_SERVER_CA` (PEM), or
 * from the files that `KUMA_DP_SERVER_TLS_CERT_FILE`, `KUMA_DP_SERVER_TLS_KEY_FILE` and `KUMULUS_DP_SERVER_CA_FILE` name. The
 * certificate itself is what proxies trust where no CA is given.
 *
 * @param read Reads a file.
 * @throws Error that names the variable that is missing, given twice or not understood, and shows nothing of a key; the system's
 * error for a file that cannot be read.
 */
export function relayCertificate(
  environment: NodeJS.ProcessEnv,
  read: (path: string) => string,
): RelayCertificate {
  const find = ({ text, file }: Source): Found | undefined => {
    const value = environment[text];
    const path = environment[file];
    if (value && path) throw new Error(`${text} and ${file} are set, only one of them can be`);
    if (value) return { name: text, value };
    return path ? { name: file, value: read(path) } : undefined;
  };
  const need = (source: Source): Found => {
    const found = find(source);
    if (found === undefined) throw new Error(`${source.text} or ${source.file} must be set`);
    return found;
  };
  const cert = need(certSource);
  const key = need(keySource);
  const ca = find(caSource);
  const leaf = certificateOf(cert);
  if (!leaf.checkPrivateKey(keyOf(key))) {
    throw new Error(`${key.name} is not the key of the certificate in ${cert.name}`);
  }
  if (ca !== undefined) certificateOf(ca);
  return { cert: cert.value, key: key.value, ca: ca?.value ?? cert.value };
}

function certificateOf({ name, value }: Found): X509Certificate {
  try {
    return new X509Certificate(value);
  } catch {
    throw new Error(`${name} has no certificate in PEM`);
  }
}

function keyOf({ name, value }: Found): KeyObject {
  try {
    return createPrivateKey(value);
  } catch {
    throw new Error(`${name} has no private key in PEM`);
  }
}
