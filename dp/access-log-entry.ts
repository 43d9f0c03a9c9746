/** One line that Envoy wrote for a TCP backend of a MeshAccessLog or a TrafficLog. */
export interface AccessLogEntry {
  readonly host: string;
  readonly port: number;
  /** What the backend gets, byte for byte. */
  readonly text: string;
}

/**
 * Reads a line as the control plane has Envoy format it: JSON with the backend's `address` and a `message`, which is text that
 * is passed on as it is or an object that becomes a line of JSON; or, for TrafficLogs, `address;message`.
 *
 * @returns undefined where it is neither.
 */
export function parseAccessLogEntry(line: string): AccessLogEntry | undefined {
  const parsed = parseJson(line);
  if (typeof parsed === 'object' && parsed !== null && 'address' in parsed && 'message' in parsed) {
    const { address, message } = parsed;
    if (typeof address !== 'string') return undefined;
    return entry(address, typeof message === 'string' ? message : `${JSON.stringify(message)}\n`);
  }
  const at = line.indexOf(';');
  return at < 0 ? undefined : entry(line.slice(0, at), `${line.slice(at + 1)}\n`);
}

function entry(address: string, text: string): AccessLogEntry | undefined {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(at + 1));
  return at > 0 && Number.isInteger(port) && port > 0 && port < 65_536 ? { host, port, text } : undefined;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
