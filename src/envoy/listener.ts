import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { pack, packed } from './any.ts';
import type { Address } from './gen/envoy/config/core/v3/address_pb.ts';
import { TrafficDirection, type TransportSocket } from './gen/envoy/config/core/v3/base_pb.ts';
import {
  type Filter,
  type FilterChain,
  type FilterChainMatchSchema,
  FilterChainSchema,
  FilterSchema,
  ListenerFilterSchema,
} from './gen/envoy/config/listener/v3/listener_components_pb.ts';
import { type Listener, ListenerSchema } from './gen/envoy/config/listener/v3/listener_pb.ts';
import { TlsInspectorSchema } from './gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.ts';
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
} from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import {
  type TcpProxy,
  TcpProxySchema,
} from './gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.ts';
import { textMetadata } from './metadata.ts';

/** A network filter that is still being worked on: the two that policies change, and those that are finished. */
export type NetworkFilter =
  | { readonly kind: 'http'; readonly manager: HttpConnectionManager }
  | { readonly kind: 'tcp'; readonly proxy: TcpProxy }
  | { readonly kind: 'finished'; readonly filter: Filter };

/** A filter chain whose filters are packed only when the listener is finished. */
export interface FilterChainDraft {
  readonly match?: MessageInitShape<typeof FilterChainMatchSchema>;
  readonly filters: NetworkFilter[];
  /** Present where the chain ends TLS. */
  readonly transportSocket?: TransportSocket;
}

/** A listener that is still being worked on. */
export interface ListenerDraft {
  readonly listener: Listener;
  readonly chains: FilterChainDraft[];
}

export interface ListenerOptions {
  readonly name: string;
  readonly address: Address;
  readonly direction: 'inbound' | 'outbound';
  /** Several workers bind the port (`SO_REUSEPORT`); left to Envoy's default where it is absent. */
  readonly reusePort?: boolean;
  /** False where the traffic is redirected to another listener, which hands it over. */
  readonly bindToPort?: boolean;
  /** Kept in the metadata under `io.kuma.tags`; none where it is absent. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Looks whether a connection starts with TLS, so that filter chains can match on it. */
  readonly inspectTls?: boolean;
  readonly chains: readonly FilterChainDraft[];
}

/** A listener on one address. */
export function listener(options: ListenerOptions): ListenerDraft {
  const { name, address, direction, reusePort, bindToPort, tags, inspectTls, chains } = options;
  return {
    listener: create(ListenerSchema, {
      name,
      address,
      trafficDirection: direction === 'inbound' ? TrafficDirection.INBOUND : TrafficDirection.OUTBOUND,
      ...(reusePort === undefined ? {} : { enableReusePort: reusePort }),
      ...(bindToPort === undefined ? {} : { bindToPort }),
      ...(tags === undefined ? {} : { metadata: textMetadata(['io.kuma.tags'], tags) }),
      ...(inspectTls === true ? { listenerFilters: [tlsInspector] } : {}),
    }),
    chains: [...chains],
  };
}

/** The listener with everything packed. */
export function finishListener({ listener, chains }: ListenerDraft): Listener {
  listener.filterChains = chains.map(finishChain);
  return listener;
}

function finishChain({ match, filters, transportSocket }: FilterChainDraft): FilterChain {
  return create(FilterChainSchema, {
    ...(match === undefined ? {} : { filterChainMatch: match }),
    filters: filters.map(finishFilter),
    ...(transportSocket === undefined ? {} : { transportSocket }),
  });
}

function finishFilter(filter: NetworkFilter): Filter {
  switch (filter.kind) {
    case 'http':
      return httpFilter(filter.manager);
    case 'tcp':
      return typedFilter('envoy.filters.network.tcp_proxy', pack(TcpProxySchema, filter.proxy));
    case 'finished':
      return filter.filter;
  }
}

/** The network filter of a connection manager. */
export function httpFilter(manager: HttpConnectionManager): Filter {
  return typedFilter(
    'envoy.filters.network.http_connection_manager',
    pack(HttpConnectionManagerSchema, manager),
  );
}

/** A network filter with its packed configuration. */
export function typedFilter(name: string, value: ReturnType<typeof pack>): Filter {
  return create(FilterSchema, { name, configType: { case: 'typedConfig', value } });
}

/** Part of many listeners, and never changed. */
const tlsInspector = create(ListenerFilterSchema, {
  name: 'envoy.filters.listener.tls_inspector',
  configType: { case: 'typedConfig', value: packed(TlsInspectorSchema) },
});
