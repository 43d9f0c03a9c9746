import type { ResourceType } from '../model/resource-type.ts';
import { meshCircuitBreakerType } from './mesh-circuit-breaker/type.ts';
import { meshRetryType } from './mesh-retry/type.ts';
import { meshTimeoutType } from './mesh-timeout/type.ts';
import { meshTrafficPermissionType } from './mesh-traffic-permission/type.ts';

/** Every policy that Kumulus knows. A new one is a folder and a line here. */
export const policyTypes: readonly ResourceType[] = [
  meshCircuitBreakerType,
  meshRetryType,
  meshTimeoutType,
  meshTrafficPermissionType,
];
