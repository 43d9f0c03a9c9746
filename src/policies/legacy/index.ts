import type { ResourceType } from '../../model/resource-type.ts';
import { circuitBreakerType } from './circuit-breaker/type.ts';
import { faultInjectionType } from './fault-injection/type.ts';
import { healthCheckType } from './health-check/type.ts';
import { meshGatewayRouteType } from './mesh-gateway-route/type.ts';
import { proxyTemplateType } from './proxy-template/type.ts';
import { rateLimitType } from './rate-limit/type.ts';
import { retryType } from './retry/type.ts';
import { timeoutType } from './timeout/type.ts';
import { trafficLogType } from './traffic-log/type.ts';
import { trafficPermissionType } from './traffic-permission/type.ts';
import { trafficRouteType } from './traffic-route/type.ts';
import { trafficTraceType } from './traffic-trace/type.ts';
import { virtualOutboundType } from './virtual-outbound/type.ts';

/** Kuma's policies of the older kind, which select proxies by tags. */
export const legacyPolicyTypes: readonly ResourceType[] = [
  circuitBreakerType,
  faultInjectionType,
  healthCheckType,
  meshGatewayRouteType,
  proxyTemplateType,
  rateLimitType,
  retryType,
  timeoutType,
  trafficLogType,
  trafficPermissionType,
  trafficRouteType,
  trafficTraceType,
  virtualOutboundType,
];
