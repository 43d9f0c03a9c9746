import { describe, expect, it } from 'vitest';
import { parseResource } from '../model/parse-resource.ts';
import { refusal } from '../model/refusal.case.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { prepareWrite } from '../model/write-resource.ts';
import { meshFaultInjectionType } from './mesh-fault-injection/type.ts';
import { meshHealthCheckType } from './mesh-health-check/type.ts';
import { meshHttpRouteType } from './mesh-http-route/type.ts';
import { meshLoadBalancingStrategyType } from './mesh-load-balancing-strategy/type.ts';
import { meshRateLimitType } from './mesh-rate-limit/type.ts';
import { meshRetryType } from './mesh-retry/type.ts';
import { meshTcpRouteType } from './mesh-tcp-route/type.ts';
import { meshTimeoutType } from './mesh-timeout/type.ts';

const gateway = { kind: 'MeshGateway', name: 'g' };
const tcp = { tcp: { maxConnectAttempt: 1 } };

function write(type: ResourceType, spec: object, role: string, known = false) {
  const labels = { 'kuma.io/policy-role': role };
  const body = { type: type.name, mesh: 'm', name: 'x', labels, spec: { targetRef: gateway, ...spec } };
  const parsed = parseResource(type, body, { mesh: 'm', name: 'x' });
  const times = { creationTime: '', modificationTime: '', version: 1 };
  const stored = known ? { ...parsed.key, labels: {}, spec: parsed.spec, ...times } : undefined;
  return prepareWrite(type, parsed, stored, { zone: 'default' });
}

function to(conf: object): object {
  return { to: [{ targetRef: { kind: 'Mesh' }, default: conf }] };
}

describe('a policy for gateways', () => {
  it.each<readonly [ResourceType, object]>([
    [meshFaultInjectionType, {}],
    [meshHttpRouteType, {}],
    [meshRateLimitType, {}],
    [meshRetryType, to(tcp)],
    [meshTcpRouteType, {}],
    [meshTimeoutType, to({ idleTimeout: '1s' })],
  ])('has the role of the system: $name', (type, spec) => {
    expect(write(type, spec, 'system').spec).toMatchObject({ targetRef: gateway });
    for (const known of [false, true]) {
      const error = refusal(() => write(type, spec, 'consumer', known));
      expect([error.code, error.title, error.violations]).toEqual([
        'invalid',
        known ? 'Failed to update a resource' : 'Failed to create a resource',
        [{ field: 'spec.targetRef.kind', message: "value 'MeshGateway' is not supported" }],
      ]);
    }
  });

  it.each<readonly [ResourceType, object]>([
    [meshHealthCheckType, {}],
    [meshLoadBalancingStrategyType, to({})],
  ])('may have any role: $name', (type, spec) => {
    expect(write(type, spec, 'consumer').labels).toMatchObject({ 'kuma.io/policy-role': 'consumer' });
  });

  it('is told of all else first', () => {
    const error = refusal(() => write(meshRetryType, {}, 'consumer'));
    expect([error.title, error.violations]).toEqual([
      'Could not process a resource',
      [{ field: 'spec.to', message: 'needs at least one item' }],
    ]);
  });
});
