import type { TenantId } from '../model/tenant.ts';

/**
 * Why a proxy does not have what it should: it was not told yet (`not_given`), has not answered (`not_acknowledged`),
 * its Envoy refused it (`refused`), or the control plane could not make its configuration (`not_configured`).
 */
export type BehindReason = 'not_given' | 'not_acknowledged' | 'refused' | 'not_configured';

/** A connected proxy that does not have all that its relay knows of. */
export interface BehindProxy {
  readonly name: string;
  /** The newest revision of which it has all; 0 where it has just come. */
  readonly has: number;
  /** The newest revision that was made for it. */
  readonly given: number;
  /** Since when it is behind, in milliseconds since 1970. */
  readonly since: number;
  readonly reason: BehindReason;
  /** The type that it refused, and why in Envoy's words, shortened. */
  readonly typeUrl?: string;
  readonly message?: string;
}

/** How many proxies have a revision and none that is newer, by what holds them up. */
export interface BehindCount {
  readonly has: number;
  readonly proxies: number;
  /** Of these, the ones that will not have more by waiting: refused or not configured. */
  readonly failed: number;
}

/** How far the proxies of one mesh have got that are connected to one relay. */
export interface RelayProgress {
  /** The newest revision that all of them were told of, and have unless they are {@link behind}. */
  readonly told: number;
  readonly proxies: number;
  /** By revision, the oldest first; together as many as are behind. */
  readonly behind: readonly BehindCount[];
  /** The first so many of those behind: those that failed, then those that are behind for longest. */
  readonly named: readonly BehindProxy[];
  /**
   * When the last of them came, in milliseconds since 1970, or up to {@link joinedSlackMs} before; it may have come from
   * another relay that does not know that it went, or is dead and cannot say so.
   */
  readonly joined?: number;
}

/** What the table has of a mesh. */
export interface MeshPropagation {
  /** The mesh's newest revision. */
  readonly revision: number;
  /** How many Dataplanes it has, connected or not. */
  readonly dataplanes: number;
  /** By the instance id of the relay; also of relays that are dead by now, whose proxies are offline or elsewhere. */
  readonly relays: ReadonlyMap<string, RelayProgress>;
}

/**
 * How far revisions have got, as one item a relay and mesh. They belong to a generation of their mesh, lie with its
 * insights and go with them.
 */
export interface Propagation {
  /**
   * Writes how far a relay has got; nothing where there is no such mesh. Calls of one relay for one mesh must follow one
   * another.
   */
  write(tenant: TenantId, mesh: string, relay: string, progress: RelayProgress): Promise<void>;
  /** Takes away what a relay wrote that has no more proxies of the mesh. */
  remove(tenant: TenantId, mesh: string, relay: string): Promise<void>;
  /** Undefined where there is no such mesh. */
  read(tenant: TenantId, mesh: string): Promise<MeshPropagation | undefined>;
  /** Calls back after each write of this process. */
  onWrite(listener: (tenant: TenantId, mesh: string) => void): () => void;
}

/** For how long what a relay wrote stays in the table, in milliseconds: three days, after which a dead one's is gone. */
export const propagationLifeMs = 3 * 24 * 3_600_000;

/** That somebody came, where somebody else went, is not worth a write within so many milliseconds after the one before. */
export const joinedSlackMs = 30_000;
