import type { Resource } from '../model/resource.ts';
import type { Insight, ServiceStats, Subscription } from '../store/insights.ts';

/** Whether a relay, named by its instance id, is alive. */
export type RelayAlive = (relay: string) => boolean;

/** A proxy is online while one of its subscriptions is open and the relay that holds it lives. */
export function isOnline(insight: Insight | undefined, alive: RelayAlive): boolean {
  return insight?.subscriptions.some((subscription) => isOpen(subscription, alive)) ?? false;
}

function isOpen(subscription: Subscription, alive: RelayAlive): boolean {
  return subscription.disconnectTime === undefined && alive(subscription.controlPlaneInstanceId);
}

/** Protobuf's JSON writes 64-bit numbers as text, and leaves zeros out. */
function statsJson(stats: ServiceStats | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(stats ?? {})
      .filter(([, count]) => count !== 0)
      .map(([name, count]) => [name, String(count)]),
  );
}

/**
 * Kuma's DiscoverySubscription. One that a dead relay left open ended when it was last heard of. What Kuma does not
 * have (revisions, the last rejection) is added under names of its own.
 */
function subscriptionJson(subscription: Subscription, alive: RelayAlive) {
  const { id, controlPlaneInstanceId, connectTime, lastUpdateTime, stats } = subscription;
  const disconnectTime = isOpen(subscription, alive)
    ? undefined
    : (subscription.disconnectTime ?? lastUpdateTime ?? connectTime);
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
    ...(subscription.lastNack !== undefined && { lastNack: subscription.lastNack }),
  };
}

/** The spec of Kuma's DataplaneInsight. */
function insightSpec(insight: Insight, alive: RelayAlive) {
  return {
    ...(insight.subscriptions.length > 0 && {
      subscriptions: insight.subscriptions.map((subscription) => subscriptionJson(subscription, alive)),
    }),
    ...(insight.mtls !== undefined && { mTLS: insight.mtls }),
    ...(insight.metadata !== undefined && { metadata: insight.metadata }),
  };
}

/** What is known of a proxy that never connected. */
export const noInsight: Pick<Resource, 'spec'> = { spec: {} };

interface KnownInsight {
  /** One letter a subscription. */
  readonly open: string;
  readonly resource: Resource;
}

const known = new WeakMap<Insight, KnownInsight>();

/** An insight as the resource that the reference has for it; the same object as long as nothing changes. */
export function insightResource(insight: Insight, alive: RelayAlive): Resource {
  const open = insight.subscriptions.map((each) => (isOpen(each, alive) ? 'o' : '-')).join('');
  const before = known.get(insight);
  if (before?.open === open) {
    return before.resource;
  }
  const { mesh, name, creationTime, modificationTime, version } = insight;
  const spec = insightSpec(insight, alive);
  const resource: Resource = {
    type: 'DataplaneInsight',
    mesh,
    name,
    labels: {},
    creationTime,
    modificationTime,
    version,
    spec,
  };
  known.set(insight, { open, resource });
  return resource;
}
