import type { TenantId } from '../model/tenant.ts';

/** What a stream did for one type of resources, as Kuma's DataplaneInsight tells it. */
export interface ServiceStats {
  readonly responsesSent: number;
  readonly responsesAcknowledged: number;
  readonly responsesRejected: number;
}

export type StatsName = 'total' | 'cds' | 'eds' | 'lds' | 'rds' | 'sds';

/** One stream of a proxy, as Kuma's DiscoverySubscription. */
export interface Subscription {
  readonly id: string;
  /** The instance id of the relay that holds it. */
  readonly controlPlaneInstanceId: string;
  /** RFC 3339. */
  readonly connectTime: string;
  /** RFC 3339; absent while it is open. */
  readonly disconnectTime?: string;
  readonly lastUpdateTime?: string;
  readonly stats: Readonly<Partial<Record<StatsName, ServiceStats>>>;
  /** Versions of kuma-dp and Envoy as the bootstrap request told them; Kuma's member names. */
  readonly version?: unknown;
  /** The mesh's revision that it was given, and the last that it acknowledged. */
  readonly givenRevision?: number;
  readonly acknowledgedRevision?: number;
  /** The types of which the proxy does not hold what it was last sent, because it refused it. */
  readonly refused?: readonly StatsName[];
  /** The last rejection in Envoy's words. */
  readonly lastNack?: { readonly typeUrl: string; readonly message: string; readonly time: string };
}

/** The identity certificate that a proxy holds, as Kuma's DataplaneInsight.mTLS. */
export interface MtlsInsight {
  /** RFC 3339. */
  readonly certificateExpirationTime: string;
  /** RFC 3339. */
  readonly lastCertificateRegeneration: string;
  readonly certificateRegenerations: number;
  readonly issuedBackend: string;
  readonly supportedBackends: readonly string[];
}

/** What is known of a proxy beside its configuration. Lives apart from it and never moves a revision. */
export interface Insight {
  readonly mesh: string;
  readonly name: string;
  /** Oldest first; at most ten, as in Kuma. */
  readonly subscriptions: readonly Subscription[];
  readonly mtls?: MtlsInsight;
  readonly metadata?: unknown;
  /** RFC 3339. */
  readonly creationTime: string;
  /** RFC 3339. */
  readonly modificationTime: string;
  readonly version: number;
}

/** What writers say of a proxy; the store adds names, version and times. */
export interface InsightContent extends Pick<Insight, 'subscriptions' | 'mtls' | 'metadata'> {
  /** The proxy has left for good, and its Dataplane is to go soon (see `Departures`). It is not part of the insight. */
  readonly left?: boolean;
}

/**
 * An insight as readers hold it: immutable, and the same object as long as it says the same. What it says is decoded
 * where it is needed (`decodeInsight`, `digestOf`), because the text takes a tenth of the memory.
 */
export interface InsightRecord {
  readonly name: string;
  /** Counts the writes. */
  readonly version: number;
  readonly text: string;
}

/** The insights of a mesh at one revision; the same object as long as nothing changes. */
export interface InsightsView {
  readonly revision: number;
  /** By the name of the proxy, in no order. */
  readonly records: ReadonlyMap<string, InsightRecord>;
}

/**
 * What is known of proxies. Of each mesh there is one history; the empty mesh has the insights of the tenant's zone
 * proxies, under names that {@link zoneProxyInsightName} makes.
 */
export interface Insights {
  get(tenant: TenantId, mesh: string, name: string): Promise<Insight | undefined>;
  /** Those of these names, at the price of what they are kept in; a mesh that is not held is not loaded whole. */
  pick(tenant: TenantId, mesh: string, names: readonly string[]): Promise<ReadonlyMap<string, Insight>>;
  /** All of a mesh, by name. */
  list(tenant: TenantId, mesh: string): Promise<readonly Insight[]>;
  /** All of a mesh with what was written before the call, at the price of what changed since the last one. */
  read(tenant: TenantId, mesh: string): Promise<InsightsView>;
  /**
   * Replaces what `change` makes of the one that is there; tried again where another writer was faster.
   * `change` may return undefined to leave it alone. Updates at the same time are written together.
   *
   * @throws KumulusError `payload_too_large` for an insight of more than 24 KB, `unavailable` where the mesh was too
   *   contended for too long.
   */
  update(
    tenant: TenantId,
    mesh: string,
    name: string,
    change: (current: Insight | undefined) => InsightContent | undefined,
  ): Promise<void>;
  /** @param when whether what is there then is to be deleted; anything is where it is absent. */
  delete(tenant: TenantId, mesh: string, name: string, when?: (current: Insight) => boolean): Promise<void>;
  /** Resolves when nothing goes on behind what was written: to be awaited before what it is kept in is closed. */
  idle(): Promise<void>;
}

/** The types of proxies that belong to no mesh. */
export type ZoneProxyType = 'ZoneIngress' | 'ZoneEgress';

/** What {@link zoneProxyInsightName} made. */
export function parseZoneProxyInsightName(text: string): { readonly type: string; readonly name: string } {
  const slash = text.indexOf('/');
  return { type: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** The name, in the empty mesh, of the insight of a zone proxy: an ingress and an egress may have the same name. */
export function zoneProxyInsightName(type: ZoneProxyType, name: string): string {
  return `${type}/${name}`;
}
