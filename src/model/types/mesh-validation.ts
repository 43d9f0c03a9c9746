import { validateSelector } from '../tags.ts';
import { field, index, Violations } from '../violations.ts';
import { parseExpiration } from './expiration.ts';
import { validateLoggingBackend } from './logging-backend.ts';
import type {
  CaBackend,
  MembershipRule,
  MeshLogging,
  MeshMtls,
  MeshSpec,
  MeshTracing,
} from './mesh-schema.ts';
import { prometheusType, validatePrometheusConfig } from './prometheus.ts';
import { validateTracingBackend } from './tracing-backend.ts';

const maxMtlsBackends = 1;

/** Kuma's rules for a Mesh, in its order and words. What needs the previous version is in `mesh-change.ts`. */
export function validateMesh(spec: MeshSpec): Violations {
  const violations = new Violations();
  validateMtls(violations, spec.mtls);
  validateLogging(violations, spec.logging);
  validateTracing(violations, spec.tracing);
  validateMetrics(violations, spec.metrics);
  validateMembership(violations, 'requirements', spec.constraints?.dataplaneProxy?.requirements);
  validateMembership(violations, 'restrictions', spec.constraints?.dataplaneProxy?.restrictions);
  if (spec.routing?.zoneEgress === true && spec.mtls?.enabledBackend === undefined) {
    violations.add('mtls', 'has to be set when zoneEgress enabled');
  }
  return violations;
}

function validateMtls(violations: Violations, mtls: MeshMtls | undefined): void {
  const backends = mtls?.backends ?? [];
  if (backends.length > maxMtlsBackends) {
    violations.add('mtls.backends', `cannot have more than ${maxMtlsBackends} backends`);
  }
  const names = new Set<string>();
  for (const [position, backend] of backends.entries()) {
    noteName(violations, index('mtls.backends', position), names, backend.name);
    if (hasUnreadableExpiration(backend)) {
      violations.add('mtls.dpcert.rotation.expiration', 'has to be a valid format');
    }
  }
  if (mtls?.enabledBackend !== undefined && !names.has(mtls.enabledBackend)) {
    violations.add('mtls.enabledBackend', 'has to be set to one of the backends in the mesh');
  }
}

function hasUnreadableExpiration(backend: CaBackend): boolean {
  return (
    backend.dpCert !== undefined && parseExpiration(backend.dpCert.rotation?.expiration ?? '') === undefined
  );
}

function validateLogging(violations: Violations, logging: MeshLogging | undefined): void {
  const names = new Set<string>();
  for (const [position, backend] of (logging?.backends ?? []).entries()) {
    const path = index('logging.backends', position);
    validateLoggingBackend(violations, path, backend);
    noteName(violations, path, names, backend.name);
  }
  if (logging?.defaultBackend !== undefined && !names.has(logging.defaultBackend)) {
    violations.add('logging.defaultBackend', 'has to be set to one of the logging backend in mesh');
  }
}

function validateTracing(violations: Violations, tracing: MeshTracing | undefined): void {
  const names = new Set<string>();
  for (const [position, backend] of (tracing?.backends ?? []).entries()) {
    const path = index('tracing.backends', position);
    validateTracingBackend(violations, path, backend);
    noteName(violations, path, names, backend.name);
  }
  if (tracing?.defaultBackend !== undefined && !names.has(tracing.defaultBackend)) {
    violations.add('tracing.defaultBackend', 'has to be set to one of the tracing backend in mesh');
  }
}

function validateMetrics(violations: Violations, metrics: MeshSpec['metrics']): void {
  const names = new Set<string>();
  for (const [position, backend] of (metrics?.backends ?? []).entries()) {
    const path = index('metrics.backends', position);
    noteName(violations, path, names, backend.name);
    if (backend.type === prometheusType) {
      validatePrometheusConfig(violations, field(path, 'conf'), backend.conf);
    } else {
      const message = `unknown backend type. Available backends: "${prometheusType}"`;
      violations.add(field(path, 'type'), message);
    }
  }
  if (metrics?.enabledBackend !== undefined && !names.has(metrics.enabledBackend)) {
    violations.add('metrics.enabledBackend', 'has to be set to one of the backends in the mesh');
  }
}

function validateMembership(
  violations: Violations,
  list: string,
  rules: readonly MembershipRule[] | undefined,
): void {
  for (const [position, rule] of (rules ?? []).entries()) {
    const path = field(index(`constraints.dataplaneProxy.${list}`, position), 'tags');
    validateSelector(violations, path, rule.tags, { requireTag: true });
  }
}

/** Remembers the name of a backend, and complains where it was there already. */
function noteName(violations: Violations, path: string, names: Set<string>, name = ''): void {
  if (names.has(name)) {
    violations.add(field(path, 'name'), `${JSON.stringify(name)} name is already used for another backend`);
  }
  names.add(name);
}
