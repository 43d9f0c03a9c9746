import { validateSelectors } from '../../../model/selectors.ts';
import { field, index, Violations } from '../../../model/violations.ts';
import { createEnvoyResourceCheck, type EnvoyResourceCheck } from '../../common/envoy-resource.ts';
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
  const check = createEnvoyResourceCheck();
  for (const [position, raw] of (conf.resources ?? []).entries()) {
    const path = index('conf.resources', position);
    for (const name of ['name', 'version', 'resource'] as const) {
      if (raw[name] === undefined) {
        violations.add(field(path, name), empty);
      }
    }
    if (raw.resource !== undefined) {
      addProblem(violations, field(path, 'resource'), check('any', raw.resource, 'whole'));
    }
  }
  for (const [position, modification] of (conf.modifications ?? []).entries()) {
    validateModification(violations, index('conf.modifications', position), modification, check);
  }
  return violations;
}

/** The operations that each kind of resource has. */
const resourceOperations = ['add', 'patch', 'remove'];
const filterOperations = ['addFirst', 'addLast', 'addBefore', 'addAfter', 'patch', 'remove'];

/** What a filter is put next to, or which one is patched, has to be named. */
const namelessFilters: ReadonlyMap<string, string> = new Map([
  ['addBefore', `${empty}. You need to pick a filter before which this one will be added`],
  ['addAfter', `${empty}. You need to pick a filter after which this one will be added`],
  ['patch', empty],
]);

function validateModification(
  violations: Violations,
  path: string,
  modification: Modification,
  check: EnvoyResourceCheck,
): void {
  for (const kind of ['cluster', 'listener', 'virtualHost', 'networkFilter', 'httpFilter'] as const) {
    const change = modification[kind];
    if (change !== undefined) {
      const { match, operation = '', value = '' } = change;
      const isFilter = kind === 'networkFilter' || kind === 'httpFilter';
      const place = field(path, kind);
      validateMatch(violations, field(place, 'match'), kind, operation, match);
      const operations = isFilter ? filterOperations : resourceOperations;
      if (!operations.includes(operation)) {
        const known = operations.map((each) => JSON.stringify(each)).join(', ');
        violations.add(field(place, 'operation'), `invalid operation. Available operations: ${known}`);
      } else if (operation !== 'remove') {
        const extent = operation === 'patch' ? 'part' : 'whole';
        addProblem(violations, field(place, 'value'), check(kind, value, extent));
      }
    }
  }
}

/** What is new has nothing to match, unless it goes into something that is there. */
function validateMatch(
  violations: Violations,
  path: string,
  kind: keyof Modification,
  operation: string,
  match: { readonly name?: string } | undefined,
): void {
  if (kind === 'virtualHost') {
    if (operation === 'add' && match?.name !== undefined) {
      violations.add(field(path, 'name'), 'cannot be defined');
    }
  } else if (kind === 'cluster' || kind === 'listener') {
    if (operation === 'add' && match !== undefined) {
      violations.add(path, 'cannot be defined');
    }
  } else {
    const problem = match?.name === undefined ? namelessFilters.get(operation) : undefined;
    if (problem !== undefined) {
      violations.add(field(path, 'name'), problem);
    }
  }
}

function addProblem(violations: Violations, path: string, problem: string | undefined): void {
  if (problem !== undefined) {
    violations.add(path, `native Envoy resource is not valid: ${problem}`);
  }
}
