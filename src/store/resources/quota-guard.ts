import type { Clock } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { ItemStore } from '../port.ts';
import type { QuotasOf } from '../quotas.ts';
import { type Counted, counted, nothingCounted, plus, type QuotaView } from './quota-check.ts';
import { readCounts } from './tenant-counts.ts';

export interface QuotaGuardDeps {
  readonly items: ItemStore;
  readonly quotasOf: QuotasOf;
  readonly clock: Clock;
}

/** Knows what a tenant has in scopes that a commit does not touch. */
export interface QuotaGuard {
  /**
   * Gets ready to look; undefined where the tenant has no such quotas. What it gives tells, without waiting for anything,
   * what a group of commits on some scopes is held against: reserve before anything else can run.
   *
   * @param mayAdd what adds nothing is never refused, so nothing is counted for it.
   * @throws KumulusError where the tenant may not be written to at all.
   */
  prepare(tenant: TenantId, mayAdd: boolean): Promise<((scopes: readonly string[]) => QuotaView) | undefined>;
  /** Counts what is about to be written, until it is known whether it was: call what it returns then. */
  reserve(tenant: TenantId, growth: Counted): () => void;
  /** What scopes hold now that they were written. */
  written(
    tenant: TenantId,
    scopes: ReadonlyMap<string, { readonly counts: Readonly<Record<string, number>> }>,
  ): void;
}

/**
 * How old counts of other meshes may be, in milliseconds. Within one mesh a quota is exact, for every writer moves its
 * head; this process counts its own writes to all meshes; so a quota over several meshes can be passed by what *other
 * processes* write to *other meshes* in this time, and by no more.
 */
const countsMs = 2_000;

interface Known {
  readonly read: number;
  readonly scopes: Map<string, Counted>;
}

/** How many tenants' counts are remembered. */
const maxKnown = 1_000;

/** Creates the guard. */
export function createQuotaGuard({ items, quotasOf, clock }: QuotaGuardDeps): QuotaGuard {
  const known = new Map<TenantId, Promise<Known>>();
  const reserved = new Map<TenantId, Counted>();

  async function read(tenant: TenantId, before: Known | undefined): Promise<Known> {
    const now = clock();
    const counts = await readCounts(items, tenant, before?.scopes.keys());
    return { read: now, scopes: new Map([...counts].map(([scope, each]) => [scope, counted(scope, each)])) };
  }

  async function countsOf(tenant: TenantId): Promise<Known> {
    const current = await known.get(tenant)?.catch(() => undefined);
    if (current !== undefined && clock() - current.read < countsMs) {
      return current;
    }
    const reading = read(tenant, current);
    known.delete(tenant);
    known.set(tenant, reading);
    const oldest = known.keys().next();
    if (known.size > maxKnown && oldest.done === false) {
      known.delete(oldest.value);
    }
    return reading;
  }

  return {
    async prepare(tenant, mayAdd) {
      const quotas = await quotasOf(tenant);
      if (quotas === undefined || !mayAdd) {
        return undefined;
      }
      if (quotas.dataplanes === null && quotas.resources === null) {
        return quotas.meshes === null ? undefined : () => ({ quotas, others: nothingCounted });
      }
      const counts = await countsOf(tenant);
      return (scopes) => {
        const touched = new Set(scopes);
        const others = [...counts.scopes]
          .filter(([scope]) => !touched.has(scope))
          .reduce((sum, [, count]) => plus(sum, count), reserved.get(tenant) ?? nothingCounted);
        return { quotas, others };
      };
    },
    reserve(tenant, growth) {
      reserved.set(tenant, plus(reserved.get(tenant) ?? nothingCounted, growth));
      return () => {
        const { dataplanes, resources } = reserved.get(tenant) ?? nothingCounted;
        const left = { dataplanes: dataplanes - growth.dataplanes, resources: resources - growth.resources };
        if (left.dataplanes === 0 && left.resources === 0) {
          reserved.delete(tenant);
        } else {
          reserved.set(tenant, left);
        }
      };
    },
    written(tenant, scopes) {
      void known.get(tenant)?.then(
        (current) => {
          for (const [scope, { counts }] of scopes) {
            current.scopes.set(scope, counted(scope, counts));
          }
        },
        () => undefined,
      );
    },
  };
}
