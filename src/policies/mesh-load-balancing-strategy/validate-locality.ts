import { field, index, type Violations } from '../../model/violations.ts';
import type { TargetRef } from '../common/target-ref.ts';
import { parseDecimal, validatePercentage, validatePositiveNumber } from '../common/value-rules.ts';
import type { CrossZone, LoadBalancingConf, LocalZone } from './schema.ts';

type LocalityAwareness = NonNullable<LoadBalancingConf['localityAwareness']>;
type Failover = NonNullable<CrossZone['failover']>[number];

/** Kuma's rules for `localityAwareness`. */
export function validateLocalityAwareness(
  violations: Violations,
  path: string,
  { localZone, crossZone }: LocalityAwareness,
  ref: TargetRef,
): void {
  if (localZone !== undefined) {
    validateLocalZone(violations, field(path, 'localZone'), localZone);
  }
  if (crossZone !== undefined) {
    validateCrossZone(violations, field(path, 'crossZone'), crossZone, ref);
  }
}

function validateLocalZone(violations: Violations, path: string, { affinityTags = [] }: LocalZone): void {
  const tagsPath = field(path, 'affinityTags');
  for (const [position, { key, weight }] of affinityTags.entries()) {
    requireText(violations, field(index(tagsPath, position), 'key'), key);
    validatePositiveNumber(violations, field(index(tagsPath, position), 'weight'), weight);
  }
  const weights = affinityTags.filter(({ weight }) => weight !== undefined).length;
  if (weights > 0 && weights !== affinityTags.length) {
    violations.add(tagsPath, 'all or none affinity tags should have weight');
  }
}

function validateCrossZone(violations: Violations, path: string, crossZone: CrossZone, ref: TargetRef): void {
  if (ref.kind === 'MeshService' && isResource(ref)) {
    violations.add(path, 'must not be set: MeshService traffic is local');
  }
  for (const [position, failover] of (crossZone.failover ?? []).entries()) {
    validateFailover(violations, index(field(path, 'failover'), position), failover);
  }
  const threshold = crossZone.failoverThreshold?.percentage;
  const thresholdPath = field(path, 'failoverThreshold.percentage');
  validatePercentage(violations, thresholdPath, threshold);
  if (threshold !== undefined && parseDecimal(threshold) === 0) {
    violations.add(thresholdPath, 'must be greater than 0');
  }
}

/** Whether a target means the resource MeshService, and not just a name of `kuma.io/service`. */
function isResource({ sectionName = '', labels = {} }: TargetRef): boolean {
  return sectionName !== '' || Object.keys(labels).length > 0;
}

function validateFailover(violations: Violations, path: string, { from, to }: Failover): void {
  const fromPath = field(path, 'from.zones');
  if (from?.zones.length === 0) {
    violations.add(fromPath, 'must not be empty');
  }
  for (const [position, zone] of (from?.zones ?? []).entries()) {
    requireText(violations, index(fromPath, position), zone);
  }
  const named = (to.zones ?? []).length > 0;
  const names = to.type === 'Only' || to.type === 'AnyExcept';
  if (named !== names) {
    violations.add(field(path, 'to.zones'), `must ${names ? 'not ' : ''}be empty when type is ${to.type}`);
  }
}

function requireText(violations: Violations, path: string, text: string): void {
  if (text === '') {
    violations.add(path, 'must not be empty');
  }
}
