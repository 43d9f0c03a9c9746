import type { AddressRange } from '../envoy/http-connection-manager.ts';
import type { ProxyMetadata } from '../model/proxy-metadata.ts';

/** What a proxy told of itself that shows in its listeners. */
export interface ProxyFlags {
  readonly reusePort: boolean;
  readonly ipv6: boolean;
  /** A text that stands for all of the above. */
  readonly key: string;
}

/** Reads the flags of a proxy. */
export function proxyFlags({ features, ipv6Enabled }: ProxyMetadata): ProxyFlags {
  const reusePort = features.has('feature-reuse-port');
  return { reusePort, ipv6: ipv6Enabled, key: `${reusePort ? 'reuse' : ''} ${ipv6Enabled ? 'ipv6' : ''}` };
}

const loopback: readonly AddressRange[] = [
  { prefix: '127.0.0.1', length: 32 },
  { prefix: '::1', length: 128 },
];

/** What counts as internal where the admin API is served. */
export const adminInternal = loopback;

/** What counts as internal for workloads: private addresses (RFC 1918, RFC 4193) and the own host. */
export const workloadInternal: readonly AddressRange[] = [
  { prefix: '10.0.0.0', length: 8 },
  { prefix: '192.168.0.0', length: 16 },
  { prefix: '172.16.0.0', length: 12 },
  { prefix: 'fc00::', length: 7 },
  { prefix: 'fd00::', length: 8 },
  ...loopback,
];
