import type { Container, Probe } from '../pod.ts';
import { type PortNames, portNumber, requireOtherPort } from './probe-ports.ts';

/**
 * A probe over HTTP as a virtual one, which Envoy serves without mTLS: the application's port is the first part of the path.
 *
 * @throws KumulusError `invalid` where the application has that port itself.
 */
export function virtualProbe(probe: Probe, virtualPort: number, names: PortNames): Probe {
  const { httpGet } = probe;
  if (httpGet === undefined) return probe;
  const port = portNumber(httpGet.port, names);
  requireOtherPort(port, virtualPort);
  return { ...probe, httpGet: { ...httpGet, port: virtualPort, path: `/${port}${rooted(httpGet.path)}` } };
}

/** A path with a slash at its beginning. */
export function rooted(path = ''): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** A container with each of its probes changed. */
export function withProbes(container: Container, change: (probe: Probe) => Probe): Container {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  return {
    ...container,
    ...(livenessProbe && { livenessProbe: change(livenessProbe) }),
    ...(readinessProbe && { readinessProbe: change(readinessProbe) }),
    ...(startupProbe && { startupProbe: change(startupProbe) }),
  };
}
