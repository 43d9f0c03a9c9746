/** What a PEM text may hold between its lines. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The label of the first block of a PEM text (RFC 7468), such as `CERTIFICATE`, as Go's `encoding/pem` finds it: what
 * is around blocks, and blocks that are broken, are skipped. Undefined where there is none.
 */
export function firstPemLabel(text: string): string | undefined {
  for (const part of `\n${text}`.split('\n-----BEGIN ').slice(1)) {
    const label = labelOf(part.split('\n').map((line) => line.replace(/[ \t\r]+$/, '')));
    if (label !== undefined) {
      return label;
    }
  }
  return undefined;
}

/** The label of a block, given the lines after its `-----BEGIN `; undefined where it is broken. */
function labelOf(lines: readonly string[]): string | undefined {
  const [first = '', ...rest] = lines;
  if (!first.endsWith('-----')) {
    return undefined;
  }
  const label = first.slice(0, -5);
  // Headers, as old keys have them, end with the first line without a colon.
  const start = rest.findIndex((line) => !line.includes(':'));
  const body = start < 0 ? [] : rest.slice(start);
  const end = body.findIndex((line) => line.startsWith('-----END '));
  if (end < 0 || body[end] !== `-----END ${label}-----`) {
    return undefined;
  }
  return base64.test(body.slice(0, end).join('').replace(/[ \t]/g, '')) ? label : undefined;
}
