import { validateSelectors } from '../../../model/selectors.ts';
import { field, index, Violations } from '../../../model/violations.ts';
import { anyService } from '../common/connection.ts';
import { empty } from '../common/value-rules.ts';
import type { Modification, ProxyTemplateSpec } from './schema.ts';

/** The sets of resources that Kuma has for kinds of proxies. */
const profiles = ['default-proxy', 'egress-proxy', 'gateway-proxy', 'ingress-proxy'];

/** Kuma's rules for a ProxyTemplate. */
export function validateProxyTemplate({ selectors, conf = {} }: ProxyTemplateSpec): Violations {
  const violations = new Violations();
  validateSelectors(violations, 'selectors', selectors, { ...anyService, optional: true });
  for (const [position, profile] of (conf.imports ?? []).entries()) {
    if (!profiles.includes(profile)) {
      violations.add(
        index('conf.imports', position),
        profile === '' ? empty : `profile not found. Available profiles: ${profiles.join(',')}`,
      );
    }
  }
  for (const [position, raw] of (conf.resources ?? []).entries()) {
    for (const name of ['name', 'version', 'resource'] as const) {
      if (raw[name] === undefined) {
        violations.add(field(index('conf.resources', position), name), empty);
      }
    }
  }
  for (const [position, modification] of (conf.modifications ?? []).entries()) {
    validateModification(violations, index('conf.modifications', position), modification);
  }
  return violations;
}

const resourceOperations = ['add', 'patch', 'remove'];
const filterOperations = ['addFirst', 'addLast', 'addBefore', 'addAfter', 'patch', 'remove'];

/** What a filter is put next to, or which one is patched, has to be named. */
const namelessFilters: ReadonlyMap<string, string> = new Map([
  ['addBefore', `${empty}. You need to pick a filter before which this one will be added`],
  ['addAfter', `${empty}. You need to pick a filter after which this one will be added`],
  ['patch', empty],
]);

function validateModification(violations: Violations, path: string, modification: Modification): void {
  for (const kind of ['cluster', 'listener'] as const) {
    const change = modification[kind];
    if (change?.operation === 'add' && change.match !== undefined) {
      violations.add(field(path, `${kind}.match`), 'cannot be defined');
    }
    validateOperation(violations, field(path, kind), change, resourceOperations);
  }
  for (const kind of ['networkFilter', 'httpFilter'] as const) {
    const change = modification[kind];
    const problem =
      change?.match?.name === undefined ? namelessFilters.get(change?.operation ?? '') : undefined;
    if (problem !== undefined) {
      violations.add(field(path, `${kind}.match.name`), problem);
    }
    validateOperation(violations, field(path, kind), change, filterOperations);
  }
  const { virtualHost } = modification;
  if (virtualHost?.operation === 'add' && virtualHost.match?.name !== undefined) {
    violations.add(field(path, 'virtualHost.match.name'), 'cannot be defined');
  }
  validateOperation(violations, field(path, 'virtualHost'), virtualHost, resourceOperations);
}

function validateOperation(
  violations: Violations,
  path: string,
  change: { readonly operation?: string } | undefined,
  operations: readonly string[],
): void {
  if (change !== undefined && !operations.includes(change.operation ?? '')) {
    const known = operations.map((operation) => JSON.stringify(operation)).join(', ');
    violations.add(field(path, 'operation'), `invalid operation. Available operations: ${known}`);
  }
}
