import type { TenantId } from '../model/tenant.ts';

/** How many of each a tenant may have; `null` is no limit. */
export interface CommitQuotas {
  readonly meshes: number | null;
  /** In all meshes together. */
  readonly dataplanes: number | null;
  /** Of every type, in all meshes and beside them together. */
  readonly resources: number | null;
}

/**
 * The quotas that commits of a tenant are held to; undefined where there are none.
 *
 * @throws KumulusError where the tenant may not be written to at all.
 */
export type QuotasOf = (tenant: TenantId) => Promise<CommitQuotas | undefined>;
