import type { ResourceType } from '../model/resource-type.ts';
import { legacyPolicyTypes } from './legacy/index.ts';
import { meshAccessLogType } from './mesh-access-log/type.ts';
import { meshCircuitBreakerType } from './mesh-circuit-breaker/type.ts';
import { meshFaultInjectionType } from './mesh-fault-injection/type.ts';
import { meshHealthCheckType } from './mesh-health-check/type.ts';
import { meshHttpRouteType } from './mesh-http-route/type.ts';
import { meshLoadBalancingStrategyType } from './mesh-load-balancing-strategy/type.ts';
import { meshMetricType } from './mesh-metric/type.ts';
import { meshPassthroughType } from './mesh-passthrough/type.ts';
import { meshProxyPatchType } from './mesh-proxy-patch/type.ts';
import { meshRateLimitType } from './mesh-rate-limit/type.ts';
import { meshRetryType } from './mesh-retry/type.ts';
import { meshTcpRouteType } from './mesh-tcp-route/type.ts';
import { meshTimeoutType } from './mesh-timeout/type.ts';
import { meshTlsType } from './mesh-tls/type.ts';
import { meshTraceType } from './mesh-trace/type.ts';
import { meshTrafficPermissionType } from './mesh-traffic-permission/type.ts';

/** Every policy that Kumulus knows. A new one is a folder and a line here. */
export const policyTypes: readonly ResourceType[] = [
  ...legacyPolicyTypes,
  meshAccessLogType,
  meshCircuitBreakerType,
  meshFaultInjectionType,
  meshHealthCheckType,
  meshHttpRouteType,
  meshLoadBalancingStrategyType,
  meshMetricType,
  meshPassthroughType,
  meshProxyPatchType,
  meshRateLimitType,
  meshRetryType,
  meshTcpRouteType,
  meshTimeoutType,
  meshTlsType,
  meshTraceType,
  meshTrafficPermissionType,
];
