import type { ValidationContext } from '../../model/resource-type.ts';
import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateOwnTargetRef, validateTargetRef } from '../common/target-ref-validation.ts';
import { validateNotNegative, validatePositiveDuration } from '../common/value-rules.ts';
import type { MeshTimeoutSpec, TimeoutConf } from './schema.ts';

const topKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'Dataplane',
  'MeshGateway',
  'MeshService',
  'MeshServiceSubset',
  'MeshHTTPRoute',
];
const toKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshService',
  'MeshExternalService',
  'MeshMultiZoneService',
  'MeshHTTPRoute',
];
const toKindsBehindGateway: readonly TargetRefKind[] = ['Mesh', 'MeshExternalService'];

/** Kuma's rules for a MeshTimeout, in its order and words. */
export function validateMeshTimeout(spec: MeshTimeoutSpec, { labels }: ValidationContext): Violations {
  const violations = new Violations();
  const { targetRef, to = [], from = [], rules = [] } = spec;
  validateOwnTargetRef(violations, targetRef, labels, {
    kinds: topKinds,
    inbound: from.length > 0 || rules.length > 0,
    gatewayListenerTags: true,
  });
  if (rules.length > 0 && (to.length > 0 || from.length > 0)) {
    violations.add('spec', "fields 'to' and 'from' must be empty when 'rules' is defined");
  }
  if (rules.length === 0 && to.length === 0 && from.length === 0) {
    violations.add('spec', "at least one of 'from', 'to' or 'rules' has to be defined");
  }
  const top = targetRef?.kind ?? 'Mesh';
  validateFrom(violations, from, top);
  validateTo(violations, to, top);
  for (const [position, rule] of rules.entries()) {
    validateConf(violations, field(index('spec.rules', position), 'default'), rule.default, top);
  }
  return violations;
}

function validateFrom(
  violations: Violations,
  from: NonNullable<MeshTimeoutSpec['from']>,
  top: TargetRefKind,
): void {
  if (isGatewayOrRoute(top)) {
    if (from.length > 0) {
      violations.add('spec.from', 'must not be defined');
    }
    return;
  }
  for (const [position, item] of from.entries()) {
    const path = index('spec.from', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, { kinds: ['Mesh'] });
    validateConf(violations, field(path, 'default'), item.default, top);
  }
}

function validateTo(
  violations: Violations,
  to: NonNullable<MeshTimeoutSpec['to']>,
  top: TargetRefKind,
): void {
  const kinds = isGatewayOrRoute(top) ? toKindsBehindGateway : toKinds;
  for (const [position, item] of to.entries()) {
    const path = index('spec.to', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, { kinds });
    validateConf(violations, field(path, 'default'), item.default, top);
  }
}

function validateConf(violations: Violations, path: string, conf: TimeoutConf, top: TargetRefKind): void {
  const { connectionTimeout, idleTimeout, http } = conf;
  if (connectionTimeout === undefined && idleTimeout === undefined && http === undefined) {
    violations.add(path, 'at least one timeout should be configured');
    return;
  }
  if (top === 'MeshHTTPRoute') {
    forbidOnRoutes(violations, field(path, 'connectionTimeout'), connectionTimeout);
    forbidOnRoutes(violations, field(path, 'idleTimeout'), idleTimeout);
    forbidOnRoutes(violations, field(path, 'http.maxStreamDuration'), http?.maxStreamDuration);
    forbidOnRoutes(violations, field(path, 'http.maxConnectionDuration'), http?.maxConnectionDuration);
  }
  validatePositiveDuration(violations, field(path, 'connectionTimeout'), connectionTimeout);
  validateNotNegative(violations, field(path, 'idleTimeout'), idleTimeout);
  validateHttp(violations, field(path, 'http'), http);
}

function validateHttp(violations: Violations, path: string, http: TimeoutConf['http']): void {
  if (http === undefined) {
    return;
  }
  const { requestTimeout, streamIdleTimeout, maxStreamDuration, maxConnectionDuration } = http;
  const timeouts = [requestTimeout, streamIdleTimeout, maxStreamDuration, maxConnectionDuration];
  if (timeouts.every((timeout) => timeout === undefined)) {
    violations.add(path, 'at least one timeout in this section should be configured');
  }
  validateNotNegative(violations, field(path, 'requestTimeout'), requestTimeout);
  validateNotNegative(violations, field(path, 'streamIdleTimeout'), streamIdleTimeout);
  validateNotNegative(violations, field(path, 'maxStreamDuration'), maxStreamDuration);
  validateNotNegative(violations, field(path, 'maxConnectionDuration'), maxConnectionDuration);
  validateNotNegative(violations, field(path, 'requestHeadersTimeout'), http.requestHeadersTimeout);
}

/** Timeouts of connections have no meaning for a single route. */
function forbidOnRoutes(violations: Violations, path: string, timeout: string | undefined): void {
  if (timeout !== undefined) {
    violations.add(path, "can't be specified when top-level TargetRef is referencing MeshHTTPRoute");
  }
}

function isGatewayOrRoute(kind: TargetRefKind): boolean {
  return kind === 'MeshGateway' || kind === 'MeshHTTPRoute';
}
