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
  HttpConnectionManagerSchema,
  type HttpFilter,
  HttpFilterSchema,
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
    httpFilters: [...(options.grpcStatistics === true ? [grpcStatistics()] : []), router()],
    internalAddressConfig: {
      cidrRanges: options.internal
        .filter(({ prefix }) => options.ipv6 || isIP(prefix) !== 6)
        .map(({ prefix, length }) => ({ addressPrefix: prefix, prefixLen: length })),
    },
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

function router(): HttpFilter {
  return create(HttpFilterSchema, {
    name: 'envoy.filters.http.router',
    configType: { case: 'typedConfig', value: packed(RouterSchema) },
  });
}

function grpcStatistics(): HttpFilter {
  return create(HttpFilterSchema, {
    name: 'envoy.filters.http.grpc_stats',
    configType: { case: 'typedConfig', value: packed(FilterConfigSchema, { emitFilterState: true }) },
  });
}
