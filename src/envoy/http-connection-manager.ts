import { isIP } from 'node:net';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { packed } from './any.ts';
import { HttpProtocolOptionsSchema } from './gen/envoy/config/core/v3/protocol_pb.ts';
import type { RouteAction } from './gen/envoy/config/route/v3/route_components_pb.ts';
import type { RouteConfigurationSchema } from './gen/envoy/config/route/v3/route_pb.ts';
import { FilterConfigSchema } from './gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.ts';
import { RouterSchema } from './gen/envoy/extensions/filters/http/router/v3/router_pb.ts';
import {
  type HttpConnectionManager,
  HttpConnectionManager_ForwardClientCertDetails,
  HttpConnectionManager_InternalAddressConfigSchema,
  HttpConnectionManagerSchema,
  type HttpFilter,
  HttpFilterSchema,
  type HttpConnectionManager_InternalAddressConfig as InternalAddresses,
} from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { statisticName } from './statistics.ts';

/** A range of addresses that Envoy counts as internal. */
export interface AddressRange {
  readonly prefix: string;
  readonly length: number;
}

export interface ConnectionManager {
  /** Named in Envoy's statistics. */
  readonly name: string;
  readonly routes: MessageInitShape<typeof RouteConfigurationSchema>;
  /** Ranges of IPv6 are left out unless `ipv6` is set. */
  readonly internal: readonly AddressRange[];
  readonly ipv6: boolean;
  /** Tells the workload who called, in `x-forwarded-client-cert`. */
  readonly forwardClientCertificate?: boolean;
  readonly normalizePath?: boolean;
  /** Counts gRPC calls and messages. */
  readonly grpcStatistics?: boolean;
}

/** An HTTP connection manager with its routes inside, ending in the router filter. */
export function connectionManager(options: ConnectionManager): HttpConnectionManager {
  return create(HttpConnectionManagerSchema, {
    statPrefix: statisticName(options.name),
    routeSpecifier: { case: 'routeConfig', value: options.routes },
    httpFilters: options.grpcStatistics === true ? [grpcStatistics, router] : [router],
    internalAddressConfig: internalAddressConfig(options.internal, options.ipv6),
    ...(options.forwardClientCertificate === true
      ? {
          forwardClientCertDetails: HttpConnectionManager_ForwardClientCertDetails.SANITIZE_SET,
          setCurrentClientCertDetails: { uri: true },
        }
      : {}),
    ...(options.normalizePath === true ? { normalizePath: true } : {}),
  });
}

/** The manager's `common_http_protocol_options`, made where there are none. */
export function commonHttpOptions(manager: HttpConnectionManager) {
  manager.commonHttpProtocolOptions ??= create(HttpProtocolOptionsSchema);
  return manager.commonHttpProtocolOptions;
}

/** The actions of all routes that forward requests. */
export function routeActions(manager: HttpConnectionManager): readonly RouteAction[] {
  const { routeSpecifier } = manager;
  return routeSpecifier.case !== 'routeConfig'
    ? []
    : routeSpecifier.value.virtualHosts
        .flatMap(({ routes }) => routes)
        .flatMap(({ action }) => (action.case === 'route' ? [action.value] : []));
}

/** Parts of many managers, and never changed. */
const router: HttpFilter = create(HttpFilterSchema, {
  name: 'envoy.filters.http.router',
  configType: { case: 'typedConfig', value: packed(RouterSchema) },
});
const grpcStatistics: HttpFilter = create(HttpFilterSchema, {
  name: 'envoy.filters.http.grpc_stats',
  configType: { case: 'typedConfig', value: packed(FilterConfigSchema, { emitFilterState: true }) },
});
const internalAddresses = new WeakMap<
  readonly AddressRange[],
  Readonly<Record<'ipv4' | 'ipv6', InternalAddresses>>
>();

function internalAddressConfig(ranges: readonly AddressRange[], ipv6: boolean): InternalAddresses {
  let known = internalAddresses.get(ranges);
  if (known === undefined) {
    known = {
      ipv4: internalAddressMessage(ranges.filter(({ prefix }) => isIP(prefix) !== 6)),
      ipv6: internalAddressMessage(ranges),
    };
    internalAddresses.set(ranges, known);
  }
  return ipv6 ? known.ipv6 : known.ipv4;
}

function internalAddressMessage(ranges: readonly AddressRange[]): InternalAddresses {
  return create(HttpConnectionManager_InternalAddressConfigSchema, {
    cidrRanges: ranges.map(({ prefix, length }) => ({ addressPrefix: prefix, prefixLen: length })),
  });
}
