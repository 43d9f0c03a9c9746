import { create } from '@bufbuild/protobuf';
import type { Duration } from '@bufbuild/protobuf/wkt';
import { type ClusterTarget, edit, type ListenerTarget, type PolicyApply } from '../../compile/policy.ts';
import { httpOptions } from '../../envoy/cluster.ts';
import { nanoseconds } from '../../envoy/duration.ts';
import { HttpProtocolOptionsSchema } from '../../envoy/gen/envoy/config/core/v3/protocol_pb.ts';
import type { RouteAction } from '../../envoy/gen/envoy/config/route/v3/route_components_pb.ts';
import type { HttpConnectionManager } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { commonHttpOptions, routeActions } from '../../envoy/http-connection-manager.ts';
import type { Conf } from '../../match/conf.ts';
import { parseDuration } from '../../model/duration.ts';
import { type TimeoutConf, timeoutConfSchema } from './schema.ts';
import { meshTimeoutType } from './type.ts';

/** What is meant where a conf says nothing, as Kuma's documents tell. */
const defaults = {
  connectionTimeout: '5s',
  idleTimeout: '1h',
  requestTimeout: '15s',
  streamIdleTimeout: '30m',
  requestHeadersTimeout: '0s',
  maxStreamDuration: '0s',
  maxConnectionDuration: '0s',
} as const;

/** MeshTimeout: timeouts of listeners, routes and clusters. Inbounds have defaults even where no policy selects them. */
export const meshTimeoutApply: PolicyApply = {
  kind: meshTimeoutType,
  inbound: (rules) => edits(read(rules?.conf ?? {})),
  outbound: (conf) => edits(conf === undefined ? undefined : read(conf)),
};

function read(conf: Conf): TimeoutConf {
  return timeoutConfSchema.safeParse(conf).data ?? {};
}

interface ListenerTimeouts {
  readonly idleTimeout: string | undefined;
  readonly requestTimeout: string | undefined;
  readonly streamIdleTimeout: string | undefined;
  readonly requestHeadersTimeout: string | undefined;
}

interface ClusterTimeouts {
  readonly connectionTimeout: string | undefined;
  readonly idleTimeout: string | undefined;
  readonly maxStreamDuration: string | undefined;
  readonly maxConnectionDuration: string | undefined;
}

function edits(conf: TimeoutConf | undefined) {
  const { connectionTimeout, idleTimeout, http } = conf ?? {};
  const listener: ListenerTimeouts = {
    idleTimeout,
    requestTimeout: http?.requestTimeout,
    streamIdleTimeout: http?.streamIdleTimeout,
    requestHeadersTimeout: http?.requestHeadersTimeout,
  };
  const cluster: ClusterTimeouts = {
    connectionTimeout,
    idleTimeout,
    maxStreamDuration: http?.maxStreamDuration,
    maxConnectionDuration: http?.maxConnectionDuration,
  };
  return {
    listener: edit(conf === undefined ? null : listener, applyToListener),
    cluster: edit(cluster, applyToCluster),
  };
}

function applyToListener({ draft }: ListenerTarget, timeouts: ListenerTimeouts | null): void {
  for (const filter of draft.chains.flatMap(({ filters }) => filters)) {
    if (filter.kind === 'http') {
      applyToManager(filter.manager, timeouts);
    } else if (filter.kind === 'tcp' && timeouts !== null) {
      filter.proxy.idleTimeout = duration(timeouts.idleTimeout, defaults.idleTimeout);
    }
  }
}

function applyToManager(manager: HttpConnectionManager, timeouts: ListenerTimeouts | null): void {
  // How long connections may idle is said in the cluster, so that both sides agree on it.
  commonHttpOptions(manager).idleTimeout = nanoseconds(0n);
  if (timeouts === null) {
    return;
  }
  manager.requestHeadersTimeout = duration(timeouts.requestHeadersTimeout, defaults.requestHeadersTimeout);
  for (const action of routeActions(manager)) {
    applyToRoute(action, timeouts);
  }
}

function applyToRoute(action: RouteAction, { requestTimeout, streamIdleTimeout }: ListenerTimeouts): void {
  action.timeout = duration(requestTimeout, defaults.requestTimeout);
  action.idleTimeout = duration(streamIdleTimeout, defaults.streamIdleTimeout);
}

function applyToCluster({ draft, protocol }: ClusterTarget, timeouts: ClusterTimeouts): void {
  draft.cluster.connectTimeout = positive(timeouts.connectionTimeout, defaults.connectionTimeout);
  if (protocol !== 'http' && protocol !== 'http2') {
    return;
  }
  const options = httpOptions(draft);
  options.commonHttpProtocolOptions ??= create(HttpProtocolOptionsSchema);
  const common = options.commonHttpProtocolOptions;
  common.idleTimeout = duration(timeouts.idleTimeout, defaults.idleTimeout);
  common.maxStreamDuration = duration(timeouts.maxStreamDuration, defaults.maxStreamDuration);
  common.maxConnectionDuration = duration(timeouts.maxConnectionDuration, defaults.maxConnectionDuration);
}

/** Envoy takes no negative durations. */
function duration(text: string | undefined, fallback: string): Duration {
  const given = parseDuration(text ?? fallback);
  return nanoseconds(given < 0n ? parseDuration(fallback) : given);
}

/** `Cluster.connect_timeout` must be greater than zero. */
function positive(text: string | undefined, fallback: string): Duration {
  const given = parseDuration(text ?? fallback);
  return nanoseconds(given > 0n ? given : parseDuration(fallback));
}
