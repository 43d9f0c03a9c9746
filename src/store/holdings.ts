import type { TenantId } from '../model/tenant.ts';

/** A mesh of which a relay has, or had, proxies; the empty name stands for the tenant's zone proxies. */
export interface Holding {
  readonly tenant: TenantId;
  readonly mesh: string;
}

/** Which meshes a relay has proxies of, so that what it leaves open when it dies is found without looking at any other. */
export interface Holdings {
  /** Has to be durable before anything is written that says that a stream is open at the relay. */
  enter(relay: string, holding: Holding): Promise<void>;
  /** Those of a relay, in pages. */
  of(relay: string): AsyncGenerator<readonly Holding[], void, void>;
  /** Takes one out, when no stream is open there any more. */
  settle(relay: string, holding: Holding): Promise<void>;
}
