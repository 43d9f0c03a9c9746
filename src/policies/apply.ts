import type { PolicyApply } from '../compile/policy.ts';
import { meshCircuitBreakerApply } from './mesh-circuit-breaker/apply.ts';
import { meshRetryApply } from './mesh-retry/apply.ts';
import { meshTimeoutApply } from './mesh-timeout/apply.ts';
import { meshTrafficPermissionApply } from './mesh-traffic-permission/apply.ts';

/**
 * When each policy is applied to a resource, the lowest number first: what makes routes comes before what is said about
 * them, and what patches resources comes last. Gaps of a hundred leave room.
 */
const orders: readonly (readonly [order: number, policy: PolicyApply])[] = [
  [1000, meshTimeoutApply],
  [1100, meshTrafficPermissionApply],
  [1300, meshCircuitBreakerApply],
  [1400, meshRetryApply],
];

/** Every policy that shapes the configuration of proxies, in the order in which they are applied. */
export const orderedPolicies: readonly PolicyApply[] = orders
  .toSorted(([a], [b]) => a - b)
  .map(([, policy]) => policy);
