import type { TenantId } from '../../model/tenant.ts';
import type { Insight, MtlsInsight, ServiceStats, StatsName, Subscription } from '../../store/insights.ts';

export interface StreamStart {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly version: unknown;
  /** Asked when it is written that the stream is closed: whether the proxy has left for good, and its Dataplane is to go. */
  readonly hasLeft?: () => boolean;
  /** Called where a newer stream of the proxy is found to be open at another relay: then this one is dead. */
  readonly onSuperseded?: () => void;
}

/** Statistics that are still counted. */
type Counters = { -readonly [Member in keyof ServiceStats]: ServiceStats[Member] };

/** What is known of one stream, in memory, until it is written. */
export interface StreamEntry {
  start: StreamStart;
  readonly stats: Map<StatsName, Counters>;
  subscriptionId: string;
  connectTime: string;
  /** When the stream itself began. */
  readonly began: string;
  disconnectTime?: string;
  /** Milliseconds since 1970. */
  lastUpdate?: number;
  givenRevision?: number;
  acknowledgedRevision?: number;
  lastNack?: { typeUrl: string; message: string; time: string };
  /** Of these it refused something, and uses what was before. */
  refused: Set<StatsName>;
  mtls: MtlsInsight | undefined;
  /** It is in the store, or was. */
  written: boolean;
}

/** What a proxy says of its versions is bounded; kuma-dp's own takes 400 bytes. */
const maxVersionBytes = 4_096;

/** What a proxy says of its versions, where that is not too long. */
export function boundedVersion(version: unknown): unknown {
  return (JSON.stringify(version)?.length ?? 0) <= maxVersionBytes ? version : undefined;
}

/** The statistics as they are now: what is written must not change any more. */
function statsOf({ stats }: StreamEntry): Subscription['stats'] {
  const copies: Partial<Record<StatsName, ServiceStats>> = {};
  for (const [name, counters] of stats) {
    copies[name] = { ...counters };
  }
  return copies;
}

/** The subscription that a stream is, as it is written. */
export function subscriptionOf(entry: StreamEntry, relay: string): Subscription {
  return {
    id: entry.subscriptionId,
    controlPlaneInstanceId: relay,
    connectTime: entry.connectTime,
    ...(entry.disconnectTime !== undefined && { disconnectTime: entry.disconnectTime }),
    ...(entry.lastUpdate !== undefined && { lastUpdateTime: new Date(entry.lastUpdate).toISOString() }),
    stats: statsOf(entry),
    ...(entry.start.version !== undefined && { version: entry.start.version }),
    ...(entry.givenRevision !== undefined && { givenRevision: entry.givenRevision }),
    ...(entry.acknowledgedRevision !== undefined && { acknowledgedRevision: entry.acknowledgedRevision }),
    ...(entry.refused.size > 0 && { refused: [...entry.refused].sort() }),
    ...(entry.lastNack !== undefined && { lastNack: entry.lastNack }),
  };
}

/** A stream that the proxy opened at another relay, after the entry's. */
export function newerElsewhere(
  current: Insight | undefined,
  { began }: StreamEntry,
  relay: string,
): Subscription | undefined {
  return current?.subscriptions.find(
    (other) =>
      other.disconnectTime === undefined &&
      other.controlPlaneInstanceId !== relay &&
      other.connectTime > began,
  );
}

/**
 * A proxy has one live stream: whatever was left open before ours ended at the latest when ours began. What began later stays as
 * it is, for streams that could not be written are written later, in any order.
 *
 * @param newer one that began after ours and is open: then ours is over.
 */
export function withSubscription(
  current: Insight | undefined,
  written: Subscription,
  newer: Subscription | undefined,
): readonly Subscription[] {
  const all = current?.subscriptions ?? [];
  const others = all.filter(({ id }) => id !== written.id);
  const ours = newer === undefined ? written : { disconnectTime: newer.connectTime, ...written };
  if (others.length < all.length) {
    return all.map((subscription) => (subscription.id === ours.id ? ours : subscription));
  }
  if (newer !== undefined) {
    return others.flatMap((other) => (other === newer ? [ours, other] : [other]));
  }
  const isLater = (other: Subscription) =>
    other.disconnectTime === undefined && other.connectTime > ours.connectTime;
  const later = others.findIndex(isLater);
  const before = later < 0 ? others : others.slice(0, later);
  return [
    ...before.map((other) =>
      other.disconnectTime === undefined ? { ...other, disconnectTime: ours.connectTime } : other,
    ),
    ours,
    ...others.slice(before.length),
  ];
}
