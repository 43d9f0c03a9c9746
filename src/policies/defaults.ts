import type { MeshCircuitBreakerSpec } from './mesh-circuit-breaker/schema.ts';
import { meshCircuitBreakerType } from './mesh-circuit-breaker/type.ts';
import type { MeshRetrySpec } from './mesh-retry/schema.ts';
import { meshRetryType } from './mesh-retry/type.ts';
import type { MeshTimeoutSpec } from './mesh-timeout/schema.ts';
import { meshTimeoutType } from './mesh-timeout/type.ts';

/** A resource that the control plane makes by itself; it has no labels, as in the reference. */
export interface DefaultPolicy {
  readonly type: string;
  readonly mesh: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

/**
 * The policies that a new mesh starts with.
 *
 * @param skip `skipCreatingInitialPolicies` of the mesh: names of types, `*` for all.
 */
export function defaultPolicies(mesh: string, skip: readonly string[] = []): readonly DefaultPolicy[] {
  return [
    { type: meshTimeoutType.name, name: `mesh-gateways-timeout-all-${mesh}`, spec: gatewayTimeouts },
    { type: meshTimeoutType.name, name: `mesh-timeout-all-${mesh}`, spec: sidecarTimeouts },
    { type: meshCircuitBreakerType.name, name: `mesh-circuit-breaker-all-${mesh}`, spec: circuitBreaker },
    { type: meshRetryType.name, name: `mesh-retry-all-${mesh}`, spec: retry },
  ]
    .filter(({ type }) => !skip.includes('*') && !skip.includes(type))
    .map((policy) => ({ ...policy, mesh, labels: {} }));
}

const sidecarTimeouts: MeshTimeoutSpec = {
  targetRef: { kind: 'Mesh', proxyTypes: ['Sidecar'] },
  to: [
    {
      targetRef: { kind: 'Mesh' },
      default: {
        connectionTimeout: '5s',
        idleTimeout: '1h0m0s',
        http: { requestTimeout: '15s', streamIdleTimeout: '30m0s' },
      },
    },
  ],
  from: [
    {
      targetRef: { kind: 'Mesh' },
      default: {
        connectionTimeout: '10s',
        idleTimeout: '2h0m0s',
        http: { requestTimeout: '0s', streamIdleTimeout: '1h0m0s', maxStreamDuration: '0s' },
      },
    },
  ],
};

const gatewayTimeouts: MeshTimeoutSpec = {
  targetRef: { kind: 'Mesh', proxyTypes: ['Gateway'] },
  to: [
    {
      targetRef: { kind: 'Mesh' },
      default: { idleTimeout: '1h0m0s', http: { streamIdleTimeout: '5s' } },
    },
  ],
  from: [
    {
      targetRef: { kind: 'Mesh' },
      default: { idleTimeout: '5m0s', http: { streamIdleTimeout: '5s', requestHeadersTimeout: '500ms' } },
    },
  ],
};

const circuitBreaker: MeshCircuitBreakerSpec = {
  targetRef: { kind: 'Mesh' },
  to: [
    {
      targetRef: { kind: 'Mesh' },
      default: {
        connectionLimits: {
          maxConnections: 1024,
          maxPendingRequests: 1024,
          maxRetries: 3,
          maxRequests: 1024,
        },
      },
    },
  ],
};

const backOff = { baseInterval: '25ms', maxInterval: '250ms' };

const retry: MeshRetrySpec = {
  targetRef: { kind: 'Mesh' },
  to: [
    {
      targetRef: { kind: 'Mesh' },
      default: {
        tcp: { maxConnectAttempt: 5 },
        http: { numRetries: 5, perTryTimeout: '16s', backOff },
        grpc: { numRetries: 5, perTryTimeout: '16s', backOff },
      },
    },
  ],
};
