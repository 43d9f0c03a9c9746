import type { Probe } from '../pod.ts';
import { type PortNames, portNumber, requireOtherPort } from './probe-ports.ts';
import { rooted } from './virtual-probes.ts';

type Header = { readonly name: string; readonly value: string };

/**
 * A probe as one over HTTP of kuma-dp's proxy of application probes, which makes of path and headers what was asked for.
 * What neither asks over HTTP, TCP nor gRPC stays.
 *
 * @throws KumulusError `invalid` where the application has the proxy's port itself.
 */
export function proxiedProbe(probe: Probe, proxyPort: number, names: PortNames): Probe {
  const { httpGet, tcpSocket, grpc, ...rest } = probe;
  const asked = target(probe, names);
  if (asked === undefined) return probe;
  requireOtherPort(asked.port, proxyPort);
  const httpHeaders = [...asked.headers];
  return {
    ...rest,
    httpGet: { port: proxyPort, path: asked.path, ...(httpHeaders.length > 0 && { httpHeaders }) },
  };
}

function target(
  { httpGet, tcpSocket, grpc, timeoutSeconds = 0 }: Probe,
  names: PortNames,
): { readonly port: number; readonly path: string; readonly headers: readonly Header[] } | undefined {
  // The proxy waits a second unless told.
  const timeout = timeoutSeconds > 1 ? [header('Timeout', String(timeoutSeconds))] : [];
  if (httpGet !== undefined) {
    const port = portNumber(httpGet.port, names);
    const scheme = httpGet.scheme ?? '';
    const headers = [
      ...withHostRenamed(httpGet.httpHeaders ?? []),
      ...(scheme === '' || scheme === 'HTTP' ? [] : [header('Scheme', scheme)]),
      ...timeout,
    ];
    return { port, path: `/${port}${rooted(httpGet.path)}`, headers };
  }
  if (tcpSocket !== undefined) {
    const port = portNumber(tcpSocket.port, names);
    return { port, path: `/tcp/${port}`, headers: timeout };
  }
  if (grpc === undefined) return undefined;
  const { port, service = '' } = grpc;
  const headers = [...timeout, ...(service === '' ? [] : [header('GRPC-Service', service)])];
  return { port, path: `/grpc/${port}`, headers };
}

/** The first header Host is the application's, not the proxy's. */
function withHostRenamed(headers: readonly Header[]): readonly Header[] {
  const host = headers.findIndex(({ name }) => name === 'Host');
  return headers.map((each, position) => (position === host ? header('Host', each.value) : each));
}

function header(name: string, value: string): Header {
  return { name: `X-Kuma-Probes-${name}`, value };
}
