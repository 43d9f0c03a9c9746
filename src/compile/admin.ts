import { pipeAddress, socketAddress } from '../envoy/address.ts';
import { finishCluster, singleMemberCluster } from '../envoy/cluster.ts';
import { connectionManager } from '../envoy/http-connection-manager.ts';
import {
  type FilterChainDraft,
  finishListener,
  httpFilter,
  listener,
  type NetworkFilter,
} from '../envoy/listener.ts';
import { staticServerTls } from '../envoy/tls.ts';
import type { DataplaneProxy } from '../match/proxy.ts';
import { KumulusError } from '../model/errors.ts';
import type { ProxyMetadata } from '../model/proxy-metadata.ts';
import type { ProxyInput } from './compiler.ts';
import { encodeCluster, encodeListener } from './encoded.ts';
import { names } from './names.ts';
import { adminInternal, type ProxyFlags } from './proxy-flags.ts';
import type { ResourceCache } from './resources.ts';
import type { EncodedResource } from './snapshot.ts';

/**
 * Where Envoy's admin API may be reached. The proxy names the address itself, and must not be able to turn the listener
 * into a gateway to another host.
 */
const loopbackFor: Readonly<Record<string, string>> = {
  '': '127.0.0.1',
  '127.0.0.1': '127.0.0.1',
  '0.0.0.0': '127.0.0.1',
  '::1': '::1',
  '::': '::1',
};

/** The only client that is let in. */
const controlPlane = 'kuma-cp';

/** kuma-dp tells readiness on a socket in its work directory, not on a port. */
const readinessFeature = 'feature-readiness-unix-socket';

/** The socket on which kuma-dp tells that the proxy is ready. */
const readinessSocket = 'kuma-readiness-reporter.sock';

/** All that {@link adminResources} makes its resources from. */
export function adminInputs(
  { address }: DataplaneProxy,
  { adminAddress, adminPort, workdir, readinessPort, features }: ProxyMetadata,
  admin: ProxyInput['admin'],
  flags: ProxyFlags,
): readonly unknown[] {
  const socket = features.has(readinessFeature);
  return [address, adminAddress, adminPort, workdir, readinessPort, socket, admin, flags.key];
}

/**
 * The admin API of Envoy and the readiness of the proxy, and a listener for both on the proxy's own address: readiness
 * for everybody, the rest for the control plane alone. Nothing where Envoy serves no admin API.
 *
 * @throws KumulusError `invalid` where the proxy names an admin address that is not its own host.
 */
export function adminResources(
  cache: ResourceCache,
  proxy: DataplaneProxy,
  { metadata, admin }: ProxyInput,
  flags: ProxyFlags,
): readonly EncodedResource[] {
  const { adminPort, adminAddress } = metadata;
  if (adminPort === 0) {
    return [];
  }
  const address = Object.hasOwn(loopbackFor, adminAddress) ? loopbackFor[adminAddress] : undefined;
  if (address === undefined) {
    throw new KumulusError('invalid', `the admin API of a proxy cannot be at the address ${adminAddress}`);
  }
  const adminCluster = cache.get(`admin cluster ${address} ${adminPort}`, () =>
    encodeCluster(finishCluster(singleMemberCluster(names.adminCluster, socketAddress(address, adminPort)))),
  );
  const readiness = readinessCluster(cache, metadata, address);
  if (proxy.address === address) {
    return [adminCluster, ...readiness];
  }
  const adminListener = encodeListener(finishListener(listenerDraft(proxy.address, adminPort, admin, flags)));
  return [adminListener, adminCluster, ...readiness];
}

function readinessCluster(
  cache: ResourceCache,
  { features, workdir, readinessPort }: ProxyMetadata,
  address: string,
): readonly EncodedResource[] {
  const overSocket = features.has(readinessFeature);
  if (!overSocket && readinessPort === 0) {
    return [];
  }
  const path = `${workdir.replace(/\/+$/, '')}/${readinessSocket}`;
  const place = overSocket ? path : `${address} ${readinessPort}`;
  return [
    cache.get(`readiness ${place}`, () =>
      encodeCluster(
        finishCluster(
          singleMemberCluster(
            names.readinessCluster,
            overSocket ? pipeAddress(path) : socketAddress(address, readinessPort),
          ),
        ),
      ),
    ),
  ];
}

function listenerDraft(address: string, port: number, admin: ProxyInput['admin'], flags: ProxyFlags) {
  return listener({
    name: names.adminListener,
    address: socketAddress(address, port),
    direction: 'inbound',
    reusePort: flags.reusePort,
    inspectTls: true,
    chains: chains(admin, flags.ipv6),
  });
}

const ready = endpoint('/ready', names.readinessCluster);
const rest = endpoint('/', names.adminCluster);

/** What is served without and with TLS. It does not depend on the proxy, so it is made once. */
const filters = {
  plain: { ipv4: endpoints([ready], false), ipv6: endpoints([ready], true) },
  encrypted: { ipv4: endpoints([ready, rest], false), ipv6: endpoints([ready, rest], true) },
};

function chains(admin: ProxyInput['admin'], ipv6: boolean): readonly FilterChainDraft[] {
  const family = ipv6 ? 'ipv6' : 'ipv4';
  return [
    { filters: [filters.plain[family]] },
    {
      match: { transportProtocol: 'tls' },
      filters: [filters.encrypted[family]],
      transportSocket: staticServerTls(
        { certificate: admin.certificate, key: admin.key.reveal() },
        admin.clientCa,
        [{ kind: 'dns', match: 'exact', value: controlPlane }],
      ),
    },
  ];
}

function endpoint(prefix: string, cluster: string) {
  return {
    match: { pathSpecifier: { case: 'prefix', value: prefix } },
    action: {
      case: 'route',
      value: { clusterSpecifier: { case: 'cluster', value: cluster }, prefixRewrite: prefix },
    },
  } as const;
}

function endpoints(routes: ReturnType<typeof endpoint>[], ipv6: boolean): NetworkFilter {
  const manager = connectionManager({
    name: names.adminListener,
    internal: adminInternal,
    ipv6,
    routes: {
      virtualHosts: [{ name: names.adminListener, domains: ['*'], routes }],
      validateClusters: false,
    },
  });
  return { kind: 'finished', filter: httpFilter(manager) };
}
