import type {
  Insight,
  InsightContent,
  InsightRecord,
  ServiceStats,
  StatsName,
  Subscription,
} from '../insights.ts';

/*
 * Insights are kept as rows without names: ten subscriptions take 7 KB as Kuma's JSON and 1.5 KB as rows, and every
 * reader of a mesh holds those of all its proxies.
 */

/** The order of the counters in a row. */
const statsNames: readonly StatsName[] = ['total', 'cds', 'eds', 'lds', 'rds', 'sds'];

type StatsRow = readonly [sent: number, acknowledged: number, rejected: number];

/** A value that may be absent, and that may itself be null. */
type Boxed = readonly [unknown] | null;

/** What stands for "the same as in the subscription before it". */
const sameAsBefore = 1;

/** One subscription. */
export type SubscriptionRow = readonly [
  id: string,
  relay: string,
  connectTime: string,
  disconnectTime: string | null,
  lastUpdateTime: string | null,
  stats: readonly (StatsRow | null)[],
  version: Boxed | typeof sameAsBefore,
  givenRevision: number | null,
  acknowledgedRevision: number | null,
  lastNack: Subscription['lastNack'] | null,
  refused: readonly StatsName[] | null,
];

/** One insight, without its name and version. */
export type InsightRow = readonly [
  creationTime: string,
  modificationTime: string,
  subscriptions: readonly SubscriptionRow[],
  mtls: Insight['mtls'] | null,
  metadata: Boxed,
];

function statsRow(stats: ServiceStats | undefined): StatsRow | null {
  return stats === undefined
    ? null
    : [stats.responsesSent, stats.responsesAcknowledged, stats.responsesRejected];
}

function boxed(value: unknown): Boxed {
  return value === undefined ? null : [value];
}

function sameValue(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** @param before the subscription before it in its list, whose version is mostly the same. */
export function encodeSubscription(
  subscription: Subscription,
  before: Subscription | undefined,
): SubscriptionRow {
  const { stats, version } = subscription;
  const known = version !== undefined && before?.version !== undefined && sameValue(version, before.version);
  return [
    subscription.id,
    subscription.controlPlaneInstanceId,
    subscription.connectTime,
    subscription.disconnectTime ?? null,
    subscription.lastUpdateTime ?? null,
    statsNames.map((name) => statsRow(stats[name])),
    known ? sameAsBefore : boxed(version),
    subscription.givenRevision ?? null,
    subscription.acknowledgedRevision ?? null,
    subscription.lastNack ?? null,
    subscription.refused ?? null,
  ];
}

function statsOf(rows: readonly (StatsRow | null)[]): Subscription['stats'] {
  const stats: Partial<Record<StatsName, ServiceStats>> = {};
  for (const [position, name] of statsNames.entries()) {
    const row = rows[position];
    if (row !== null && row !== undefined) {
      const [responsesSent, responsesAcknowledged, responsesRejected] = row;
      stats[name] = { responsesSent, responsesAcknowledged, responsesRejected };
    }
  }
  return stats;
}

/** @param before the subscription before it in its list. */
export function decodeSubscription(row: SubscriptionRow, before: Subscription | undefined): Subscription {
  const [id, relay, connectTime, disconnectTime, lastUpdateTime, stats, boxedVersion, given, acknowledged] =
    row;
  const [, , , , , , , , , lastNack, refused] = row;
  const version = boxedVersion === sameAsBefore ? before?.version : boxedVersion?.[0];
  return {
    id,
    controlPlaneInstanceId: relay,
    connectTime,
    ...(disconnectTime !== null && { disconnectTime }),
    ...(lastUpdateTime !== null && { lastUpdateTime }),
    stats: statsOf(stats),
    ...(version !== undefined && { version }),
    ...(given !== null && { givenRevision: given }),
    ...(acknowledged !== null && { acknowledgedRevision: acknowledged }),
    ...(lastNack !== null && lastNack !== undefined && { lastNack }),
    ...(refused !== null && { refused }),
  };
}

/** The text of an insight. */
export function encodeInsight(
  content: InsightContent,
  creationTime: string,
  modificationTime: string,
): string {
  const row: InsightRow = [
    creationTime,
    modificationTime,
    content.subscriptions.map((each, at) => encodeSubscription(each, content.subscriptions[at - 1])),
    content.mtls ?? null,
    boxed(content.metadata),
  ];
  return JSON.stringify(row);
}

/** What a record says, made anew with each call. */
export function decodeInsight(mesh: string, record: InsightRecord): Insight {
  const [creationTime, modificationTime, rows, mtls, metadata] = JSON.parse(record.text) as InsightRow;
  const subscriptions: Subscription[] = [];
  for (const row of rows) {
    subscriptions.push(decodeSubscription(row, subscriptions.at(-1)));
  }
  return {
    mesh,
    name: record.name,
    subscriptions,
    ...(mtls !== null && mtls !== undefined && { mtls }),
    ...(metadata !== null && { metadata: metadata[0] }),
    creationTime,
    modificationTime,
    version: record.version,
  };
}
