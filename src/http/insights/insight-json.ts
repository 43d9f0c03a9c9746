import type { ProxyRow, RelayAlive } from '../../insights/rows.ts';
import type { Resource } from '../../model/resource.ts';
import { decodeInsight } from '../../store/insights/record.ts';
import type { Insight, ServiceStats, Subscription } from '../../store/insights.ts';

/** Protobuf's JSON writes 64-bit numbers as text, and leaves zeros out. */
function statsJson(stats: ServiceStats | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(stats ?? {})
      .filter(([, count]) => count !== 0)
      .map(([name, count]) => [name, String(count)]),
  );
}

/** When it ended: one that a dead relay left open did when it was last heard of. */
function disconnectTimeOf(subscription: Subscription, alive: RelayAlive): string | undefined {
  const { controlPlaneInstanceId, connectTime, disconnectTime, lastUpdateTime } = subscription;
  return disconnectTime ?? (alive(controlPlaneInstanceId) ? undefined : (lastUpdateTime ?? connectTime));
}

/** Kuma's DiscoverySubscription. What Kuma does not have (revisions, rejections) is added under names of its own. */
function subscriptionJson(subscription: Subscription, alive: RelayAlive) {
  const { id, controlPlaneInstanceId, connectTime, lastUpdateTime, stats } = subscription;
  const disconnectTime = disconnectTimeOf(subscription, alive);
  return {
    id,
    controlPlaneInstanceId,
    connectTime,
    ...(disconnectTime !== undefined && { disconnectTime }),
    status: {
      ...(lastUpdateTime !== undefined && { lastUpdateTime }),
      total: statsJson(stats.total),
      cds: statsJson(stats.cds),
      eds: statsJson(stats.eds),
      lds: statsJson(stats.lds),
      rds: statsJson(stats.rds),
    },
    ...(subscription.version !== undefined && { version: subscription.version }),
    ...(subscription.givenRevision !== undefined && { givenRevision: subscription.givenRevision }),
    ...(subscription.acknowledgedRevision !== undefined && {
      acknowledgedRevision: subscription.acknowledgedRevision,
    }),
    ...(subscription.refused !== undefined && { refused: subscription.refused }),
    ...(subscription.lastNack !== undefined && { lastNack: subscription.lastNack }),
  };
}

/** The spec of Kuma's DataplaneInsight, ZoneIngressInsight or ZoneEgressInsight. */
export function insightSpec(insight: Insight, alive: RelayAlive) {
  return {
    ...(insight.subscriptions.length > 0 && {
      subscriptions: insight.subscriptions.map((subscription) => subscriptionJson(subscription, alive)),
    }),
    ...(insight.mtls !== undefined && { mTLS: insight.mtls }),
    ...(insight.metadata !== undefined && { metadata: insight.metadata }),
  };
}

/** What is known of a proxy, as the reference shows it; undefined where it never connected. */
export function insightOfRow({ record, openAt }: ProxyRow) {
  return record && insightSpec(decodeInsight('', record), (relay) => openAt.includes(relay));
}

const known = new WeakMap<ProxyRow, Resource>();

/** What is known of a proxy, as the read-only resource that the reference has for it; undefined where it never connected. */
export function insightResource(type: string, row: ProxyRow): Resource | undefined {
  const before = known.get(row);
  if (before !== undefined || row.record === undefined) {
    return before;
  }
  const { mesh, name } = row.resource;
  const { creationTime, modificationTime, version } = decodeInsight(mesh, row.record);
  const spec = insightOfRow(row);
  const labels = {};
  const resource: Resource = { type, mesh, name, labels, creationTime, modificationTime, version, spec };
  known.set(row, resource);
  return resource;
}
