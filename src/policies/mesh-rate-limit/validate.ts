import { parseDuration } from '../../model/duration.ts';
import type { ValidationContext } from '../../model/resource-type.ts';
import { field, index, Violations } from '../../model/violations.ts';
import { includesGateways, type TargetRefKind } from '../common/target-ref.ts';
import { validateOwnTargetRef, validateTargetRef } from '../common/target-ref-validation.ts';
import { validatePositiveNumber } from '../common/value-rules.ts';
import type { MeshRateLimitSpec, Rate, RateLimitConf } from './schema.ts';

type Local = NonNullable<RateLimitConf['local']>;
type Items = NonNullable<MeshRateLimitSpec['to']>;

const ownKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshGateway',
  'MeshService',
  'MeshServiceSubset',
  'MeshHTTPRoute',
  'Dataplane',
];

/** Intervals are longer than this, for Envoy refuses to fill a bucket more often (`token_bucket.fill_interval`). */
const shortestInterval = 50_000_000n;

/** Kuma's rules for a MeshRateLimit, in its order and words. */
export function validateMeshRateLimit(spec: MeshRateLimitSpec, { labels }: ValidationContext): Violations {
  const violations = new Violations();
  const { targetRef, from = [], to = [], rules = [] } = spec;
  if (rules.length > 0 && (to.length > 0 || from.length > 0)) {
    violations.add('spec', "fields 'to' and 'from' must be empty when 'rules' is defined");
  }
  validateOwnTargetRef(violations, targetRef, labels, {
    kinds: ownKinds,
    inbound: from.length > 0 || rules.length > 0,
    gatewayListenerTags: true,
  });
  if (includesGateways(targetRef ?? { kind: 'Mesh' })) {
    forbidInbound(violations, spec);
    validateItems(violations, 'spec.to', to);
  } else {
    for (const [position, rule] of rules.entries()) {
      validateConf(violations, field(index('spec.rules', position), 'default'), rule.default);
    }
    validateItems(violations, 'spec.from', from);
    if (to.length > 0) {
      violations.add('spec.to', 'must not be defined');
    }
  }
  return violations;
}

/** Gateways have no inbounds. */
function forbidInbound(violations: Violations, { from = [], rules = [] }: MeshRateLimitSpec): void {
  if (rules.length > 0) {
    violations.add('spec.rules', 'must not be defined');
  }
  if (from.length > 0) {
    violations.add(
      'spec.from',
      'must not be defined when the scope includes a Gateway, select only proxyType Sidecar or select only gateways ' +
        'and use spec.to',
    );
  }
}

function validateItems(violations: Violations, path: string, items: Items): void {
  for (const [position, item] of items.entries()) {
    const itemPath = index(path, position);
    validateTargetRef(violations, field(itemPath, 'targetRef'), item.targetRef, { kinds: ['Mesh'] });
    validateConf(violations, field(itemPath, 'default'), item.default);
  }
}

function validateConf(violations: Violations, confPath: string, { local }: RateLimitConf): void {
  const path = field(confPath, 'local');
  if (local === undefined) {
    violations.add(path, 'must be defined');
    return;
  }
  if (local.tcp === undefined && local.http === undefined) {
    violations.add(path, 'must have at least one defined: tcp, http');
  }
  if (local.http !== undefined) {
    validateHttp(violations, field(path, 'http'), local.http);
  }
  if (local.tcp !== undefined) {
    validateTcp(violations, field(path, 'tcp'), local.tcp);
  }
}

function validateHttp(violations: Violations, path: string, http: NonNullable<Local['http']>): void {
  if (Object.keys(http).length === 0) {
    violations.add(path, 'must have at least one defined: disabled, requestRate, onRateLimit');
  }
  validateRate(violations, field(path, 'requestRate'), http.requestRate);
  validatePositiveNumber(violations, field(path, 'onRateLimit.status'), http.onRateLimit?.status);
}

function validateTcp(violations: Violations, path: string, tcp: NonNullable<Local['tcp']>): void {
  if (Object.keys(tcp).length === 0) {
    violations.add(path, 'must have at least one defined: disabled, connectionRate');
  }
  validateRate(violations, field(path, 'connectionRate'), tcp.connectionRate);
}

function validateRate(violations: Violations, path: string, rate: Rate | undefined): void {
  if (rate === undefined) {
    return;
  }
  validatePositiveNumber(violations, field(path, 'num'), rate.num);
  if (parseDuration(rate.interval) <= shortestInterval) {
    violations.add(field(path, 'interval'), 'must be greater than: 50ms');
  }
}
