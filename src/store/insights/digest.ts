import type { Insight, InsightRecord, StatsName } from '../insights.ts';
import { decodeInsight } from './record.ts';

/** What lists, counts and jobs look at of an insight. */
export interface InsightDigest {
  readonly name: string;
  /** The relays that hold a subscription which was not closed, mostly one or none. */
  readonly openAt: readonly string[];
  /** Milliseconds since 1970; undefined where it never connected. */
  readonly lastConnected: number | undefined;
  /** Milliseconds since 1970; undefined where no subscription was ever closed. */
  readonly lastDisconnected: number | undefined;
  /** The last sign of life that was written, in milliseconds since 1970; 0 where there was none. */
  readonly lastSeen: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** The version of kuma-dp; undefined where the proxy did not say. */
  readonly kumaDp: string | undefined;
  /** The version of Envoy; undefined where the proxy did not say. */
  readonly envoy: string | undefined;
  readonly mtls: Pick<NonNullable<Insight['mtls']>, 'issuedBackend' | 'supportedBackends'> | undefined;
  /** Of the newest subscription. */
  readonly refused: readonly StatsName[];
}

/** The text under the path of members; undefined where there is none, or an empty one. */
function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>((inner, member) => Object(inner)[member], value);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function newest(times: readonly (string | undefined)[]): number | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
  return known.length === 0 ? undefined : Math.max(...known);
}

function digest(insight: Insight): InsightDigest {
  const { subscriptions, mtls } = insight;
  const last = subscriptions.at(-1);
  const lastConnected = newest(subscriptions.map(({ connectTime }) => connectTime));
  const lastDisconnected = newest(subscriptions.map(({ disconnectTime }) => disconnectTime));
  const lastUpdated = newest(subscriptions.map(({ lastUpdateTime }) => lastUpdateTime));
  return {
    name: insight.name,
    openAt: subscriptions
      .filter(({ disconnectTime }) => disconnectTime === undefined)
      .map(({ controlPlaneInstanceId }) => controlPlaneInstanceId),
    lastConnected,
    lastDisconnected,
    lastSeen: Math.max(lastConnected ?? 0, lastDisconnected ?? 0, lastUpdated ?? 0),
    modified: Date.parse(insight.modificationTime),
    kumaDp: textAt(last?.version, 'kumaDp', 'version'),
    envoy: textAt(last?.version, 'envoy', 'version'),
    mtls: mtls && { issuedBackend: mtls.issuedBackend, supportedBackends: mtls.supportedBackends },
    refused: last?.refused ?? [],
  };
}

const known = new WeakMap<InsightRecord, InsightDigest>();

/** The digest of a record, made once. */
export function digestOf(record: InsightRecord): InsightDigest {
  const before = known.get(record);
  if (before !== undefined) {
    return before;
  }
  const made = digest(decodeInsight('', record));
  known.set(record, made);
  return made;
}
