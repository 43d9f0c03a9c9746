/** One block of a PEM text (RFC 7468). */
export interface PemBlock {
  /** Such as `CERTIFICATE` or `PRIVATE KEY`. */
  readonly label: string;
  /** The block as a text of its own, ending in a newline. */
  readonly text: string;
  readonly der: Buffer;
}

/** Larger texts are not read; a chain of certificates is a few kilobytes. */
const maxLength = 256 * 1024;

const begin = '-----BEGIN ';
const dashes = '-----';

/** Writes one block: 64 characters a line, as RFC 7468 wants generators to. */
export function writePem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  let lines = '';
  for (let start = 0; start < base64.length; start += 64) lines += `${base64.slice(start, start + 64)}\n`;
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

/** The blocks of a text in their order; whatever stands between them is ignored, as RFC 7468 allows. */
export function readPem(text: string): readonly PemBlock[] {
  if (text.length > maxLength) return [];
  const blocks: PemBlock[] = [];
  let position = text.indexOf(begin);
  while (position >= 0) {
    const labelStart = position + begin.length;
    const labelEnd = text.indexOf(dashes, labelStart);
    const label = text.slice(labelStart, labelEnd);
    const bodyStart = labelEnd + dashes.length;
    const bodyEnd = labelEnd < 0 ? -1 : text.indexOf(`-----END ${label}-----`, bodyStart);
    if (bodyEnd < 0) break;
    const der = Buffer.from(text.slice(bodyStart, bodyEnd), 'base64');
    blocks.push({ label, text: writePem(label, der), der });
    position = text.indexOf(begin, bodyEnd);
  }
  return blocks;
}

/** The certificates of a text, each as a text of its own. */
export function certificatesOf(text: string): readonly string[] {
  return readPem(text)
    .filter((each) => each.label === 'CERTIFICATE')
    .map((each) => each.text);
}

/** The first private key of a text, whatever its form (PKCS #8, PKCS #1 or SEC 1). */
export function privateKeyOf(text: string): string | undefined {
  return readPem(text).find((each) => each.label.endsWith('PRIVATE KEY'))?.text;
}
