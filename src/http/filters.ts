import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { Violations } from '../model/violations.ts';

/** Whether something, mostly a resource, belongs into a list. */
export type Filter<Item = Resource> = (item: Item) => boolean;

const labelPrefix = 'filter[labels.';

/**
 * Reads `filter[labels.<name>]=<value>`; of a repeated one the last counts.
 *
 * @param route the route's template, which the reference puts in front of the parameter's name.
 * @throws KumulusError `invalid` for filters on anything else.
 */
function labelFilters(query: URLSearchParams, route: string): ReadonlyMap<string, string> {
  const filters = new Map<string, string>();
  const violations = new Violations();
  for (const [name, value] of query) {
    if (!name.startsWith('filter[')) {
      continue;
    }
    if (!name.startsWith(labelPrefix)) {
      violations.add(`${route}.${name}`, 'filters are only supported on labels');
    } else if (name.indexOf(']') !== name.length - 1) {
      violations.add(`${route}.${name}`, 'advanced filters are not supported');
    } else {
      filters.set(name.slice(labelPrefix.length, -1), value);
    }
  }
  if (!violations.empty) {
    throw new KumulusError('invalid', 'Resource is not valid', {
      title: 'Could not retrieve resources',
      violations: violations.list,
    });
  }
  return filters;
}

/** An error about a parameter of a list. */
export function invalidParameter(route: string, name: string, message: string): KumulusError {
  return new KumulusError('invalid', 'Resource is not valid', {
    title: 'Could not retrieve resources',
    violations: [{ field: `${route}.${name}`, message }],
  });
}

/** What of the query every list understands: `name`, a part of the name, and labels. Undefined where all belong. */
export function commonFilter(query: URLSearchParams, route: string): Filter | undefined {
  const labels = labelFilters(query, route);
  const labelled: Filter = (resource) =>
    [...labels].every(([name, value]) => resource.labels[name] === value);
  return both(nameFilter(query), labels.size === 0 ? undefined : labelled);
}

/** `name=<part of the name>`. */
export function nameFilter(query: URLSearchParams): Filter | undefined {
  const part = query.get('name') ?? '';
  return part === '' ? undefined : ({ name }) => name.includes(part);
}

/** Both must hold; an absent one holds. */
export function both<Item>(
  first: Filter<Item> | undefined,
  second: Filter<Item> | undefined,
): Filter<Item> | undefined {
  if (first === undefined || second === undefined) {
    return first ?? second;
  }
  return (item) => first(item) && second(item);
}
