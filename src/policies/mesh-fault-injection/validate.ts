import type { ValidationContext } from '../../model/resource-type.ts';
import { field, index, Violations } from '../../model/violations.ts';
import { validateClientMatches } from '../common/client-match.ts';
import { includesGateways, type TargetRefKind } from '../common/target-ref.ts';
import { validateOwnTargetRef, validateTargetRef } from '../common/target-ref-validation.ts';
import { validateNotNegative, validatePercentage, validateStatusCode } from '../common/value-rules.ts';
import type { FaultInjectionConf, MeshFaultInjectionSpec } from './schema.ts';

type Items = NonNullable<MeshFaultInjectionSpec['to']>;

const ownKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshGateway',
  'MeshService',
  'MeshServiceSubset',
  'Dataplane',
];
const fromKinds: readonly TargetRefKind[] = ['Mesh', 'MeshSubset', 'MeshServiceSubset', 'MeshService'];

const bandwidth = /^\d*[\t\n\f\r ]?[GMk]+bps$/;

/** Kuma's rules for a MeshFaultInjection, in its order and words. */
export function validateMeshFaultInjection(
  spec: MeshFaultInjectionSpec,
  { labels }: ValidationContext,
): Violations {
  const violations = new Violations();
  const { targetRef, from = [], to = [], rules = [] } = spec;
  validateOwnTargetRef(violations, targetRef, labels, {
    kinds: ownKinds,
    inbound: from.length > 0 || rules.length > 0,
    gatewayListenerTags: true,
  });
  if (from.length > 0 && rules.length > 0) {
    violations.add('spec', "field 'from' must be empty when 'rules' is defined");
  }
  for (const [position, rule] of rules.entries()) {
    const path = index('spec.rules', position);
    validateClientMatches(violations, field(path, 'matches'), rule.matches ?? []);
    validateConf(violations, field(path, 'default'), rule.default);
  }
  if (includesGateways(targetRef ?? { kind: 'Mesh' })) {
    if (from.length > 0) {
      violations.add(
        'spec.from',
        'must not be defined when the scope includes a Gateway, select only proxyType Sidecar or select only gateways ' +
          'and use spec.to',
      );
    }
    validateItems(violations, 'spec.to', to, ['Mesh']);
  } else {
    validateItems(violations, 'spec.from', from, fromKinds);
    if (to.length > 0) {
      violations.add('spec.to', 'must not be defined');
    }
  }
  return violations;
}

function validateItems(
  violations: Violations,
  path: string,
  items: Items,
  kinds: readonly TargetRefKind[],
): void {
  for (const [position, item] of items.entries()) {
    const itemPath = index(path, position);
    validateTargetRef(violations, field(itemPath, 'targetRef'), item.targetRef, { kinds });
    validateConf(violations, field(itemPath, 'default'), item.default);
  }
}

function validateConf(violations: Violations, confPath: string, { http = [] }: FaultInjectionConf): void {
  const path = field(confPath, 'http');
  for (const [position, { abort, delay, responseBandwidth }] of http.entries()) {
    // The reference writes the position behind the fault's name; clients compare the path.
    const faultPath = (name: string, member: string) => field(index(field(path, name), position), member);
    if (abort !== undefined) {
      validateStatusCode(violations, faultPath('abort', 'httpStatus'), abort.httpStatus);
      validatePercentage(violations, faultPath('abort', 'percentage'), abort.percentage);
    }
    if (delay !== undefined) {
      validateNotNegative(violations, faultPath('delay', 'value'), delay.value);
      validatePercentage(violations, faultPath('delay', 'percentage'), delay.percentage);
    }
    if (responseBandwidth !== undefined) {
      validateBandwidth(violations, faultPath('responseBandwidth', 'limit'), responseBandwidth.limit);
      validatePercentage(
        violations,
        faultPath('responseBandwidth', 'percentage'),
        responseBandwidth.percentage,
      );
    }
  }
}

function validateBandwidth(violations: Violations, path: string, limit: string): void {
  if (limit === '') {
    violations.add(path, 'must be defined');
  } else if (!bandwidth.test(limit)) {
    violations.add(path, 'must be in kbps/Mbps/Gbps units');
  }
}
