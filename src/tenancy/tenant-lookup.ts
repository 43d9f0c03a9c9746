import type { Clock } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { TenantDirectory } from './tenant-directory.ts';
import type { TenantRecord } from './tenant-record.ts';

export interface TenantLookupDeps {
  readonly directory: Pick<TenantDirectory, 'get'>;
  readonly clock: Clock;
  /** How long an answer counts, in milliseconds; {@link lookupMs} unless told. */
  readonly maxAgeMs?: number;
  /** How many names are remembered; 10,000 unless told. */
  readonly limit?: number;
}

/**
 * Finds records in memory, no older than {@link lookupMs}. A name that there is not is remembered like one that there
 * is, so that asking costs the same.
 */
export interface TenantLookup {
  find(tenant: TenantId): Promise<TenantRecord | undefined>;
  /** Whether {@link find} would give what is remembered, or is being read already. */
  isFresh(tenant: TenantId): boolean;
  /** This process has written the record, or taken it out: it is known at once. */
  set(tenant: TenantId, record: TenantRecord | undefined): void;
  /** Calls back when this process changes a tenant; other processes' changes are found when they are looked for. */
  onChange(listener: (tenant: TenantId) => void): () => void;
}

/**
 * The longest that a process may serve a tenant by a record that has been changed elsewhere, in milliseconds: within it
 * a suspension counts everywhere, and a deletion waits longer before it takes what is left.
 */
export const lookupMs = 5_000;

interface Entry {
  readonly asked: number;
  readonly answer: Promise<TenantRecord | undefined>;
}

/** Creates a {@link TenantLookup}; callers at the same time share a read. */
export function createTenantLookup(deps: TenantLookupDeps): TenantLookup {
  const { directory, clock, maxAgeMs = lookupMs, limit = 10_000 } = deps;
  const entries = new Map<TenantId, Entry>();
  const listeners = new Set<(tenant: TenantId) => void>();

  const enter = (tenant: TenantId, answer: Promise<TenantRecord | undefined>) => {
    const entry = { asked: clock(), answer };
    entries.delete(tenant);
    entries.set(tenant, entry);
    const oldest = entries.keys().next();
    if (entries.size > limit && oldest.done === false) {
      entries.delete(oldest.value);
    }
    answer.catch(() => {
      if (entries.get(tenant) === entry) {
        entries.delete(tenant);
      }
    });
    return answer;
  };

  const fresh = (tenant: TenantId): Entry | undefined => {
    const known = entries.get(tenant);
    return known !== undefined && clock() - known.asked < maxAgeMs ? known : undefined;
  };

  return {
    find: (tenant) => fresh(tenant)?.answer ?? enter(tenant, directory.get(tenant)),
    isFresh: (tenant) => fresh(tenant) !== undefined,
    set(tenant, record) {
      enter(tenant, Promise.resolve(record));
      for (const listener of listeners) {
        listener(tenant);
      }
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
