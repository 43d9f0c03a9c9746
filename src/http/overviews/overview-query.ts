import { proxyStatuses } from '../../insights/proxy-status.ts';
import { digestOfRow, type ProxyRow } from '../../insights/rows.ts';
import { dataplaneFilter } from '../dataplane-filters.ts';
import { both, type Filter, invalidParameter } from '../filters.ts';
import type { ListView } from '../list-routes.ts';
import { overviewJson, summaryJson } from './overview-json.ts';
import type { OverviewKind } from './overview-kinds.ts';

type RowFilter = Filter<ProxyRow> | undefined;

/** One of a few words; undefined where the parameter is not there. */
function choice(query: URLSearchParams, route: string, name: string, words: readonly string[]) {
  const word = query.get(name) ?? '';
  if (word === '') {
    return undefined;
  }
  if (!words.includes(word)) {
    throw invalidParameter(route, name, `must be one of ${words.join(', ')}, got ${word.slice(0, 100)}`);
  }
  return word;
}

function statusFilter(query: URLSearchParams, route: string): RowFilter {
  const wanted = choice(query, route, 'status', proxyStatuses);
  return wanted === undefined ? undefined : ({ status }) => status === wanted;
}

/** Whether `1.36` or `1.36.4` is meant by `1.36`, and `1.360` is not. */
function isVersion(version: string | undefined, wanted: string): boolean {
  return version?.startsWith(wanted) === true && !/^[0-9a-z]/i.test(version.slice(wanted.length));
}

/** `version=<version>`, of kuma-dp or of Envoy, or the first numbers of one. */
function versionFilter(query: URLSearchParams): RowFilter {
  const wanted = query.get('version') ?? '';
  if (wanted === '') {
    return undefined;
  }
  return (row) => {
    const digest = digestOfRow(row);
    return isVersion(digest?.kumaDp, wanted) || isVersion(digest?.envoy, wanted);
  };
}

function refusedFilter(query: URLSearchParams, route: string): RowFilter {
  const wanted = choice(query, route, 'refused', ['true', 'false']);
  return wanted === undefined
    ? undefined
    : (row) => (digestOfRow(row)?.refused.length ?? 0) > 0 === (wanted === 'true');
}

/** What lists can be ordered by. Where that is the same, names decide. */
const sortKeys: Readonly<Record<string, (row: ProxyRow) => string | number>> = {
  name: ({ resource }) => resource.name,
  status: ({ status }) => proxyStatuses.indexOf(status),
  lastSeen: (row) => digestOfRow(row)?.lastSeen ?? 0,
  creationTime: ({ resource }) => Date.parse(resource.creationTime),
  kumaDp: (row) => digestOfRow(row)?.kumaDp ?? '',
  envoy: (row) => digestOfRow(row)?.envoy ?? '',
};

/** The values of `sort`. */
export const sortWords: readonly string[] = Object.keys(sortKeys).flatMap((key) => [key, `-${key}`]);

const sortedRows = new WeakMap<readonly ProxyRow[], Map<string, readonly ProxyRow[]>>();

function sorted(rows: readonly ProxyRow[], sort: string): readonly ProxyRow[] {
  const descending = sort.startsWith('-');
  const keyOf = sortKeys[descending ? sort.slice(1) : sort] ?? (() => 0);
  const direction = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .sort((a, b) => {
      if (a.key === b.key) {
        return 0;
      }
      return a.key < b.key ? -direction : direction;
    })
    .map(({ row }) => row);
}

/** The rows in another order, sorted once for each list of rows. They come by mesh and name, and the sort is stable. */
function sortedOnce(rows: readonly ProxyRow[], sort: string): readonly ProxyRow[] {
  const known = sortedRows.get(rows) ?? new Map<string, readonly ProxyRow[]>();
  const list = known.get(sort) ?? sorted(rows, sort);
  known.set(sort, list);
  sortedRows.set(rows, known);
  return list;
}

function sortOf(query: URLSearchParams, route: string): ListView<ProxyRow>['sort'] {
  const sort = choice(query, route, 'sort', sortWords);
  return sort === undefined ? undefined : (rows) => sortedOnce(rows, sort);
}

/**
 * What the query of a list of overviews asks for: filters by `status`, `version` and `refused`, those of Dataplanes,
 * `sort`, and `fields=summary` for little of each.
 *
 * @throws KumulusError `invalid`
 */
export function overviewView(kind: OverviewKind, query: URLSearchParams, route: string): ListView<ProxyRow> {
  const ofDataplanes = kind.type === 'Dataplane' ? dataplaneFilter(query, route) : undefined;
  const filters: readonly RowFilter[] = [
    ofDataplanes && (({ resource }) => ofDataplanes(resource)),
    statusFilter(query, route),
    versionFilter(query),
    refusedFilter(query, route),
  ];
  const isSummary = choice(query, route, 'fields', ['summary']) !== undefined;
  return {
    filter: filters.reduce(both, undefined),
    sort: sortOf(query, route),
    json: (row) => (isSummary ? summaryJson(kind, row) : overviewJson(kind, row)),
  };
}
