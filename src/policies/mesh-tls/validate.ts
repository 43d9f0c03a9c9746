import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateTargetRef } from '../common/target-ref-validation.ts';
import { type MeshTlsSpec, type TlsConf, tlsVersions } from './schema.ts';

const topKinds: readonly TargetRefKind[] = ['Mesh', 'MeshSubset', 'Dataplane'];

/** Kuma's rules for a MeshTLS, in its order and words. */
export function validateMeshTls(spec: MeshTlsSpec): Violations {
  const violations = new Violations();
  const { targetRef, from = [], rules = [] } = spec;
  if (targetRef !== undefined) {
    validateTargetRef(violations, 'spec.targetRef', targetRef, {
      kinds: topKinds,
      inbound: from.length > 0 || rules.length > 0,
    });
  }
  if (rules.length > 0 && from.length > 0) {
    violations.add('spec', "field 'from' must be empty when 'rules' is defined");
  }
  const top = targetRef?.kind ?? 'Mesh';
  for (const [position, rule] of rules.entries()) {
    validateConf(violations, field(index('spec.rules', position), 'default'), rule.default, top);
  }
  for (const [position, item] of from.entries()) {
    const path = index('spec.from', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, { kinds: ['Mesh'] });
    validateConf(violations, field(path, 'default'), item.default, top);
  }
  return violations;
}

/** What a listener speaks is a matter of the whole mesh; whether it insists on TLS is one of the proxy. */
function validateConf(violations: Violations, path: string, conf: TlsConf, top: TargetRefKind): void {
  const { tlsCiphers = [], tlsVersion } = conf;
  if (top !== 'Mesh') {
    if (tlsCiphers.length > 0) {
      forbid(violations, path, 'tlsCiphers');
    }
    if (tlsVersion !== undefined) {
      forbid(violations, path, 'tlsVersion');
    }
    return;
  }
  if (tlsVersion !== undefined && tlsVersion.max !== 'TLSAuto') {
    if (tlsVersions.indexOf(tlsVersion.min) > tlsVersions.indexOf(tlsVersion.max)) {
      violations.add(field(path, 'tlsVersion.min'), 'min version must be lower than max');
    }
  }
}

function forbid(violations: Violations, path: string, member: 'tlsCiphers' | 'tlsVersion'): void {
  violations.add(field(path, member), `${member} can only be defined with top level targetRef kind: Mesh`);
}
