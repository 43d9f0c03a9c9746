import { factsOf } from '../../insights/proxy-status.ts';
import { digestOfRow, type ProxyRow } from '../../insights/rows.ts';
import type { Resource } from '../../model/resource.ts';
import { insightOfRow } from '../insights/insight-json.ts';
import type { OverviewKind } from './overview-kinds.ts';

function metaOf(kind: OverviewKind, { mesh, name, creationTime, modificationTime, labels }: Resource) {
  return {
    type: `${kind.type}Overview`,
    ...(mesh !== '' && { mesh }),
    name,
    creationTime,
    modificationTime,
    ...(Object.keys(labels).length > 0 && { labels }),
  };
}

function overviewOf(kind: OverviewKind, { resource }: ProxyRow, insight: object | undefined): string {
  return JSON.stringify({
    ...metaOf(kind, resource),
    [kind.member]: resource.spec,
    ...(insight !== undefined && { [kind.insightMember]: insight }),
  });
}

const overviews = new WeakMap<ProxyRow, string>();

/** A proxy and what is known of it in one, such as Kuma's DataplaneOverview; made once for each row. */
export function overviewJson(kind: OverviewKind, row: ProxyRow): string {
  const known = overviews.get(row);
  if (known !== undefined) {
    return known;
  }
  const text = overviewOf(kind, row, insightOfRow(row));
  overviews.set(row, text);
  return text;
}

/** The same of one that is asked for by name: unlike in lists, the reference has an empty insight where there is none. */
export function singleOverviewJson(kind: OverviewKind, row: ProxyRow): string {
  return row.record === undefined ? overviewOf(kind, row, {}) : overviewJson(kind, row);
}

/** What a list of thousands needs to know of each proxy. */
interface OverviewSummary {
  readonly type: string;
  readonly mesh?: string;
  readonly name: string;
  readonly status: string;
  /** Of Dataplanes: the services that it is a part of, and which kind of gateway it is. */
  readonly services?: readonly string[];
  readonly gateway?: string;
  /** Versions, where the proxy told them. */
  readonly kumaDp?: string;
  readonly envoy?: string;
  /** The last sign of life that was written, RFC 3339; absent where there was none. */
  readonly lastSeen?: string;
  /** The types of which it does not hold what it was last sent, because it refused it; absent where there are none. */
  readonly refused?: readonly string[];
}

function summaryOf(kind: OverviewKind, row: ProxyRow): OverviewSummary {
  const { resource, status } = row;
  const { mesh, name } = resource;
  const facts = kind.type === 'Dataplane' ? factsOf(resource) : undefined;
  const digest = digestOfRow(row);
  return {
    type: `${kind.type}Overview`,
    ...(mesh !== '' && { mesh }),
    name,
    status,
    ...(facts !== undefined && { services: [...new Set(facts.parts.map(({ service }) => service))].sort() }),
    ...(facts?.gateway !== undefined && { gateway: facts.gateway }),
    ...(digest?.kumaDp !== undefined && { kumaDp: digest.kumaDp }),
    ...(digest?.envoy !== undefined && { envoy: digest.envoy }),
    ...(digest !== undefined && digest.lastSeen > 0 && { lastSeen: new Date(digest.lastSeen).toISOString() }),
    ...(digest !== undefined && digest.refused.length > 0 && { refused: digest.refused }),
  };
}

const summaries = new WeakMap<ProxyRow, string>();

/** The summary of a row, made once for each. */
export function summaryJson(kind: OverviewKind, row: ProxyRow): string {
  const known = summaries.get(row);
  if (known !== undefined) {
    return known;
  }
  const text = JSON.stringify(summaryOf(kind, row));
  summaries.set(row, text);
  return text;
}
