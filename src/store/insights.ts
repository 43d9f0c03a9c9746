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

export interface Insights {
  get(tenant: TenantId, mesh: string, name: string): Promise<Insight | undefined>;
  /** All of a mesh, by name. */
  list(tenant: TenantId, mesh: string): Promise<readonly Insight[]>;
  /**
   * Replaces what `change` makes of the one that is there; tried again where another writer was faster.
   * `change` may return undefined to leave it alone.
   */
  update(
    tenant: TenantId,
    mesh: string,
    name: string,
    change: (
      current: Insight | undefined,
    ) => Omit<Insight, 'version' | 'creationTime' | 'modificationTime' | 'mesh' | 'name'> | undefined,
  ): Promise<void>;
  delete(tenant: TenantId, mesh: string, name: string): Promise<void>;
}
