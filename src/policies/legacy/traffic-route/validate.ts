import { serviceSelectors } from '../../../model/selectors.ts';
import { type Tags, validateSelector } from '../../../model/tags.ts';
import { field, index, Violations } from '../../../model/violations.ts';
import { anyService, validateConnection } from '../common/connection.ts';
import { empty } from '../common/value-rules.ts';
import type { LoadBalancer, Split, TrafficRouteSpec } from './schema.ts';
import { validateMatch } from './validate-match.ts';
import { validateModify } from './validate-modify.ts';

/** Kuma's rules for a TrafficRoute. */
export function validateTrafficRoute(spec: TrafficRouteSpec): Violations {
  const violations = new Violations();
  validateConnection(violations, spec, anyService, serviceSelectors);
  const { conf } = spec;
  if (conf === undefined) {
    return violations.add('conf', empty);
  }
  validateTarget(violations, 'conf', conf.split, conf.destination);
  for (const [position, http] of (conf.http ?? []).entries()) {
    const path = index('conf.http', position);
    validateMatch(violations, field(path, 'match'), http.match);
    validateModify(violations, field(path, 'modify'), http.modify, http.match);
    validateTarget(violations, path, http.split, http.destination);
  }
  validateLoadBalancer(violations, 'conf.loadBalancer', conf.loadBalancer);
  return violations;
}

/** Where traffic goes is told in one of two ways. */
function validateTarget(
  violations: Violations,
  path: string,
  split: readonly Split[] | undefined,
  destination: Tags | undefined,
): void {
  if (split === undefined && destination === undefined) {
    violations.add(path, 'requires either "destination" or "split"');
  }
  if (split !== undefined && destination !== undefined) {
    violations.add(path, '"split" cannot be defined at the same time as "destination"');
  }
  if (split !== undefined) {
    validateSplit(violations, field(path, 'split'), split);
  }
  if (destination !== undefined) {
    validateSelector(violations, field(path, 'destination'), destination, anyService);
  }
}

function validateSplit(violations: Violations, path: string, split: readonly Split[]): void {
  for (const [position, { weight, destination }] of split.entries()) {
    const place = index(path, position);
    if (weight === undefined) {
      violations.add(field(place, 'weight'), 'needs to be defined');
    }
    validateSelector(violations, field(place, 'destination'), destination, anyService);
  }
  if (split.every(({ weight = 0 }) => weight === 0)) {
    violations.add(path, 'there must be at least one split entry with weight above 0');
  }
}

const hashFunctions = ['XX_HASH', 'MURMUR_HASH_2'];

function validateLoadBalancer(violations: Violations, path: string, balancer: LoadBalancer = {}): void {
  if (balancer.leastRequest?.choiceCount === 1) {
    violations.add(field(path, 'leastRequest.choiceCount'), 'value must be greater than or equal to 2');
  }
  if (balancer.ringHash !== undefined && !hashFunctions.includes(balancer.ringHash.hashFunction ?? '')) {
    violations.add(field(path, 'ringHash.hashFunction'), 'must have a valid hash function');
  }
}
