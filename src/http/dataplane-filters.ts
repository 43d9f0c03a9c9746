import type { Resource } from '../model/resource.ts';
import type { Tags } from '../model/tags.ts';
import type { DataplaneSpec } from '../model/types/dataplane.ts';
import { type GatewayType, gatewayTypeOf, tagSetsOf } from '../model/types/dataplane-helpers.ts';
import { both, type Filter, invalidParameter } from './filters.ts';

function specOf(dataplane: Resource): DataplaneSpec {
  return dataplane.spec as DataplaneSpec;
}

/** The kinds of gateways that each mode of the filter takes; undefined stands for a sidecar. */
const gatewayModes: ReadonlyMap<string, readonly (GatewayType | undefined)[]> = new Map([
  ['true', ['BUILTIN', 'DELEGATED']],
  ['false', [undefined]],
  ['builtin', ['BUILTIN']],
  ['delegated', ['DELEGATED']],
]);

function gatewayFilter(query: URLSearchParams, route: string): Filter | undefined {
  const mode = (query.get('gateway') ?? '').toLowerCase();
  if (mode === '') {
    return undefined;
  }
  const wanted = gatewayModes.get(mode);
  if (wanted === undefined) {
    const message = `shoud use \`true\`, \`false\`, 'builtin' or 'delegated' instead of ${mode}`;
    throw invalidParameter(route, 'gateway', message);
  }
  return (dataplane) => wanted.includes(gatewayTypeOf(specOf(dataplane)));
}

/** Whether every wanted tag is there with the wanted text in its value, or with any for `*`. */
function hasTags(tags: Tags, wanted: ReadonlyMap<string, string>): boolean {
  return [...wanted].every(([name, value]) => {
    const found = Object.hasOwn(tags, name) ? tags[name] : undefined;
    return found !== undefined && (value === '*' || found.includes(value));
  });
}

/** `tag=<name>:<part of the value>`; one inbound, or the gateway, must have them all. What has no colon is ignored. */
function tagFilter(query: URLSearchParams): Filter | undefined {
  const wanted = new Map(
    query
      .getAll('tag')
      .filter((tag) => tag.includes(':'))
      .map((tag) => [tag.slice(0, tag.indexOf(':')), tag.slice(tag.indexOf(':') + 1)]),
  );
  if (wanted.size === 0) {
    return undefined;
  }
  return (dataplane) => tagSetsOf(specOf(dataplane)).some((tags) => hasTags(tags, wanted));
}

/**
 * The filters of lists of Dataplanes: `gateway` and `tag`.
 *
 * @throws KumulusError `invalid` for a gateway mode that there is not.
 */
export function dataplaneFilter(query: URLSearchParams, route: string): Filter | undefined {
  return both(gatewayFilter(query, route), tagFilter(query));
}
