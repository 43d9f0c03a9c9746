import type { PolicyApply } from '../compile/policy.ts';
import { meshCircuitBreakerApply } from './mesh-circuit-breaker/apply.ts';
import { meshRetryApply } from './mesh-retry/apply.ts';
import { meshTimeoutApply } from './mesh-timeout/apply.ts';
import { meshTrafficPermissionApply } from './mesh-traffic-permission/apply.ts';

/** Every policy that shapes the configuration of proxies, in the order in which they are applied. */
export const orderedPolicies: readonly PolicyApply[] = [
  meshTimeoutApply,
  meshTrafficPermissionApply,
  meshCircuitBreakerApply,
  meshRetryApply,
].sort((a, b) => a.order - b.order);
