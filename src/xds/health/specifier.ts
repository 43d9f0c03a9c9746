import { isIP } from 'node:net';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { socketAddress } from '../../envoy/address.ts';
import { nanoseconds } from '../../envoy/duration.ts';
import { HealthCheckSchema } from '../../envoy/gen/envoy/config/core/v3/health_check_pb.ts';
import {
  type ClusterHealthCheckSchema,
  HealthCheckSpecifierSchema,
} from '../../envoy/gen/envoy/service/health/v3/hds_pb.ts';
import { parseDuration } from '../../model/duration.ts';
import type { DataplaneSpec, Inbound } from '../../model/types/dataplane.ts';
import { inboundInterface, inboundsOf } from '../../model/types/dataplane-helpers.ts';
import { adminCluster, adminClusterUnified, localCluster } from './cluster-names.ts';

/** How Envoy checks where a probe does not say; milliseconds. */
export interface HealthSettings {
  /** `KUMA_DP_SERVER_HDS_INTERVAL`: how often Envoy reports. */
  readonly reportMs: number;
  /** `KUMA_DP_SERVER_HDS_CHECK_TIMEOUT` */
  readonly timeoutMs: number;
  /** `KUMA_DP_SERVER_HDS_CHECK_INTERVAL` */
  readonly intervalMs: number;
  /** `KUMA_DP_SERVER_HDS_CHECK_NO_TRAFFIC_INTERVAL` */
  readonly noTrafficMs: number;
  /** `KUMA_DP_SERVER_HDS_CHECK_HEALTHY_THRESHOLD` */
  readonly healthyThreshold: number;
  /** `KUMA_DP_SERVER_HDS_CHECK_UNHEALTHY_THRESHOLD` */
  readonly unhealthyThreshold: number;
}

/** Kuma's defaults. */
export const defaultHealthSettings: HealthSettings = {
  reportMs: 5000,
  timeoutMs: 2000,
  intervalMs: 1000,
  noTrafficMs: 1000,
  healthyThreshold: 1,
  unhealthyThreshold: 1,
};

type ClusterCheck = MessageInitShape<typeof ClusterHealthCheckSchema>;
type Checker = MessageInitShape<typeof HealthCheckSchema>['healthChecker'];

/** What the connections of checks bind to, so that a transparent proxy lets them pass. As in Kuma. */
const passThrough = { 4: '127.0.0.6', 6: '::6' } as const;

const milliseconds = (count: number) => nanoseconds(BigInt(Math.round(count * 1e6)));

function check(settings: HealthSettings, healthChecker: Checker, probe?: Inbound['serviceProbe']) {
  const told = (text: string | undefined, fallback: number) =>
    text === undefined ? milliseconds(fallback) : nanoseconds(parseDuration(text));
  return create(HealthCheckSchema, {
    timeout: told(probe?.timeout, settings.timeoutMs),
    interval: told(probe?.interval, settings.intervalMs),
    noTrafficInterval: milliseconds(settings.noTrafficMs),
    healthyThreshold: probe?.healthyThreshold ?? settings.healthyThreshold,
    unhealthyThreshold: probe?.unhealthyThreshold ?? settings.unhealthyThreshold,
    ...(healthChecker === undefined ? {} : { healthChecker }),
  });
}

/** Of Envoy itself: its admin API says no while it drains. */
function adminCheck(settings: HealthSettings, port: number, clusterName: string): ClusterCheck {
  return {
    clusterName,
    localityEndpoints: [{ endpoints: [{ address: socketAddress('127.0.0.1', port) }] }],
    healthChecks: [check(settings, { case: 'httpHealthCheck', value: { path: '/ready' } })],
  };
}

function portCheck(settings: HealthSettings, spec: DataplaneSpec, inbound: Inbound): ClusterCheck {
  const { workloadAddress, workloadPort } = inboundInterface(spec, inbound);
  const family = isIP(workloadAddress) === 6 ? 6 : 4;
  const redirected = (spec.networking?.transparentProxying?.redirectPortInbound ?? 0) > 0;
  const loopback = workloadAddress === '127.0.0.1' || workloadAddress === '::1';
  return {
    clusterName: localCluster(workloadPort),
    localityEndpoints: [{ endpoints: [{ address: socketAddress(workloadAddress, workloadPort) }] }],
    healthChecks: [check(settings, { case: 'tcpHealthCheck', value: {} }, inbound.serviceProbe)],
    ...(redirected && !loopback
      ? {
          upstreamBindConfig: {
            sourceAddress: { address: passThrough[family], portSpecifier: { case: 'portValue', value: 0 } },
          },
        }
      : {}),
  };
}

export interface SpecifierInput {
  readonly dataplane: DataplaneSpec;
  /** 0 where Envoy has no admin API. */
  readonly adminPort: number;
  /** The proxy uses Kuma's newer names of Envoy's resources. */
  readonly unifiedNaming: boolean;
  readonly settings: HealthSettings;
}

/** What Envoy is to check, as an encoded `envoy.service.health.v3.HealthCheckSpecifier`: itself, and the ports that have a probe. */
export function healthCheckSpecifier({
  dataplane,
  adminPort,
  unifiedNaming,
  settings,
}: SpecifierInput): Buffer {
  const admin = unifiedNaming ? adminClusterUnified : adminCluster;
  const probed = inboundsOf(dataplane).filter(({ serviceProbe }) => serviceProbe !== undefined);
  const specifier = create(HealthCheckSpecifierSchema, {
    interval: milliseconds(settings.reportMs),
    clusterHealthChecks: [
      ...(adminPort === 0 ? [] : [adminCheck(settings, adminPort, admin)]),
      ...probed.map((inbound) => portCheck(settings, dataplane, inbound)),
    ],
  });
  return Buffer.from(toBinary(HealthCheckSpecifierSchema, specifier));
}
