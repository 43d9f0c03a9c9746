import type { ControlPlaneIdentity } from './index-routes.ts';

/** What a deployment decides of its API. */
export interface ApiSettings {
  readonly identity: ControlPlaneIdentity;
  /** The name of the zone that this control plane is; Kuma's default is `default`. */
  readonly zone: string;
  /** Callers from the machine itself are administrators, as in Kuma unless it is switched off. */
  readonly localhostIsAdmin: boolean;
  /**
   * Whether callers who do not say who they are may read what is no secret. They may in Kuma; a control plane that the
   * whole internet reaches should not let them.
   */
  readonly anonymousReads: boolean;
  /** Whether other processes write to the table, so that who waits for a change has to look there. */
  readonly othersWrite: boolean;
  /** Whether proxies are asked to use incremental xDS. */
  readonly deltaXds: boolean;
  /** How long a proxy may be offline before it is deleted, in Go's notation: `72h0m0s`. */
  readonly dataplaneCleanupAge: string;
}

/**
 * What `/config` tells, under Kuma's names: the members that clients look at. There is nothing secret in it.
 *
 * Clients know three kinds of stores, `kubernetes`, `postgres` and `memory`; ours is none of them, and `memory` is the
 * one from which they conclude nothing.
 */
export function publicConfiguration(settings: ApiSettings) {
  return {
    mode: 'zone',
    environment: 'universal',
    store: { type: 'memory' },
    defaults: { skipMeshCreation: false },
    apiServer: {
      readOnly: false,
      auth: { clientCertsDir: '' },
      authn: { type: 'tokens', localhostIsAdmin: settings.localhostIsAdmin },
    },
    dpServer: {
      authn: {
        dpProxy: { type: 'dpToken' },
        zoneProxy: { type: 'zoneToken' },
        enableReloadableTokens: false,
      },
    },
    experimental: { deltaXds: settings.deltaXds },
    multizone: { zone: { name: settings.zone } },
    runtime: { universal: { dataplaneCleanupAge: settings.dataplaneCleanupAge } },
    xdsServer: { dataplaneConfigurationRefreshInterval: '1s' },
  };
}
