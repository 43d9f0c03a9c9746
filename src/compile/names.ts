import { createHash } from 'node:crypto';
import { hostPort } from '../envoy/address.ts';
import { serviceTag, type Tags } from '../model/tags.ts';

/** The names of resources. Dashboards and alerts are built on them and on the statistics named after them. */
export const names = {
  adminCluster: 'kuma:envoy:admin',
  adminListener: 'kuma:envoy:admin',
  readinessCluster: 'kuma:readiness',
  inboundListener: (address: string, port: number) => `inbound:${hostPort(address, port)}`,
  outboundListener: (address: string, port: number) => `outbound:${hostPort(address, port)}`,
  localCluster: (port: number) => `localhost:${port}`,
  inboundRoutes: (service: string) => `inbound:${service}`,
  outboundRoutes: (service: string) => `outbound:${service}`,
  identitySecret: (mesh: string) => `identity_cert:secret:${mesh}`,
  authoritySecret: (mesh: string) => `mesh_ca:secret:${mesh}`,
} as const;

/**
 * The name of the cluster of an outbound: that of its service, with sixteen hexadecimal digits after it where more
 * tags than the service choose the endpoints.
 */
export function outboundCluster(tags: Tags): string {
  const service = tags[serviceTag] ?? '';
  if (Object.keys(tags).length <= 1) {
    return service;
  }
  const hash = createHash('sha256');
  for (const key of Object.keys(tags).sort()) {
    hash.update(key).update(tags[key] ?? '');
  }
  return `${service}-${hash.digest('hex').slice(0, 16)}`;
}

/** The name that a client asks for in TLS: the service with all other tags and the mesh in braces. */
export function serverName(tags: Tags, mesh: string): string {
  const { [serviceTag]: service = '', ...others } = { ...tags, mesh };
  const pairs = Object.entries(others)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => `${key}=${value}`);
  return `${service}{${pairs.join()}}`;
}

/** The SPIFFE id of a service (https://spiffe.io/docs/latest/spiffe-about/spiffe-concepts/). */
export function serviceIdentity(mesh: string, service: string): string {
  return `spiffe://${mesh}/${service}`;
}

/** What the identities of all services of a mesh start with. */
export function meshIdentityPrefix(mesh: string): string {
  return `spiffe://${mesh}/`;
}
