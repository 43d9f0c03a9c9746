import { isUrl } from '../../model/is-url.ts';
import { patternProblem } from '../../model/regular-expression.ts';
import type { ValidationContext } from '../../model/resource-type.ts';
import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateOwnTargetRef } from '../common/target-ref-validation.ts';
import type { MeshMetricSpec, MetricBackend, MetricSelector } from './schema.ts';

const topKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshService',
  'MeshServiceSubset',
  'MeshGateway',
  'Dataplane',
];

/** Kuma's rules for a MeshMetric, in its order and words. Paths that no document has are the reference's. */
export function validateMeshMetric(spec: MeshMetricSpec, { labels }: ValidationContext): Violations {
  const violations = new Violations();
  validateOwnTargetRef(violations, spec.targetRef, labels, { kinds: topKinds, gatewayListenerTags: true });
  const { sidecar, applications = [], backends = [] } = spec.default;
  const { exclude = [], include = [] } = sidecar?.profiles ?? {};
  validateSelectors(violations, 'spec.default.sidecar.profiles.exclude', exclude);
  validateSelectors(violations, 'spec.default.sidecar.profiles.include', include);
  for (const [position, application] of applications.entries()) {
    validatePort(violations, index('spec.default.applications.application', position), application.port);
  }
  for (const [position, backend] of backends.entries()) {
    validateBackend(violations, index('spec.default.backends.backend', position), backend);
  }
  return violations;
}

function validateSelectors(violations: Violations, path: string, selectors: readonly MetricSelector[]): void {
  for (const [position, { type, match }] of selectors.entries()) {
    if (type === 'Regex' && patternProblem(match) !== undefined) {
      violations.add(field(index(path, position), 'match'), 'invalid regex');
    }
  }
}

function validateBackend(
  violations: Violations,
  path: string,
  { type, prometheus, openTelemetry }: MetricBackend,
): void {
  if (type === 'Prometheus') {
    if (prometheus === undefined) {
      violations.add(field(path, 'prometheus'), 'must be defined');
    } else {
      validatePort(violations, field(path, 'port'), prometheus.port);
    }
  } else if (openTelemetry === undefined) {
    violations.add(field(path, 'openTelemetry'), 'must be defined');
  } else {
    validateEndpoint(violations, field(path, 'openTelemetry.endpoint'), openTelemetry.endpoint);
  }
}

function validateEndpoint(violations: Violations, path: string, endpoint: string): void {
  if (!isUrl(endpoint)) {
    violations.add(path, 'must be a valid url');
  }
  if (/^https?:\/\//.test(endpoint)) {
    violations.add(path, 'must not use schema');
  }
}

function validatePort(violations: Violations, path: string, port: number): void {
  if (port < 1 || port > 65_535) {
    violations.add(path, 'port must be a valid (1-65535)');
  }
}
