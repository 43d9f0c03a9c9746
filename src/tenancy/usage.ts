import type { Clock, Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import { pagesOf } from '../store/pages.ts';
import { ConditionFailedError, type ItemStore } from '../store/port.ts';
import { countedIn } from '../store/resources/quota-check.ts';
import { readCounts } from '../store/resources/tenant-counts.ts';
import type { Metered } from './quotas/rates.ts';

/** What was asked for in one month. */
export interface MonthlyUsage {
  /** `2026-11`, in UTC. */
  readonly month: string;
  readonly requests: number;
  readonly tokens: number;
}

/** What a tenant has and has used. */
export interface TenantUsage {
  readonly meshes: number;
  readonly dataplanes: number;
  readonly resources: number;
  /** Requests to the API that were let in, and tokens that were issued, since the tenant was made. */
  readonly requests: number;
  readonly tokens: number;
  /** The same by month, the oldest first. */
  readonly months: readonly MonthlyUsage[];
}

export interface UsageDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often counts are written, in milliseconds; {@link flushMs} unless told. */
  readonly everyMs?: number;
}

/** Counts what tenants use. What is counted is kept in memory for some seconds, which a process that is killed loses. */
export interface UsageMeter {
  count(tenant: TenantId, what: Metered): void;
  /** The tenant is being deleted: what was counted is of no use. */
  forget(tenant: TenantId): void;
  /** Writes what was counted, where the last time was long enough ago. Never rejects. */
  flushIfDue(): Promise<void>;
  /** Writes what was counted. Never rejects: what could not be written is counted again. */
  flush(): Promise<void>;
  read(tenant: TenantId): Promise<TenantUsage>;
}

/** How long counts wait in memory, in milliseconds. */
export const flushMs = 10_000;

const partition = 'usage';
const attempts = 8;

type Counts = Record<Metered, number>;

/** Creates the meter. */
export function createUsageMeter(deps: UsageDeps): UsageMeter {
  const { items, clock, logger, everyMs = flushMs } = deps;
  let pending = new Map<
    string,
    { readonly tenant: TenantId; readonly month: string; readonly counts: Counts }
  >();
  let flushed = clock();

  function add(tenant: TenantId, month: string, counts: Counts): void {
    const key = `${tenant}/${month}`;
    const known = pending.get(key)?.counts ?? { requests: 0, tokens: 0 };
    pending.set(key, { tenant, month, counts: sum(known, counts) });
  }

  async function write(tenant: TenantId, month: string, counts: Counts): Promise<void> {
    const key = { partition, sort: month };
    for (let attempt = 1; ; attempt += 1) {
      const item = await items.get(tenant, key);
      const next = sum(item === undefined ? { requests: 0, tokens: 0 } : decode(item.value), counts);
      const version = (item?.version ?? 0) + 1;
      const condition = item === undefined ? ({ absent: true } as const) : { version: item.version };
      try {
        await items.transact(tenant, [
          { kind: 'put', item: { ...key, version, value: JSON.stringify(next) }, condition },
        ]);
        return;
      } catch (error) {
        if (!(error instanceof ConditionFailedError) || attempt >= attempts) {
          throw error;
        }
      }
    }
  }

  async function flush(): Promise<void> {
    const counted = [...pending.values()];
    pending = new Map();
    flushed = clock();
    await Promise.all(
      counted.map(async ({ tenant, month, counts }) => {
        try {
          await write(tenant, month, counts);
        } catch (error) {
          add(tenant, month, counts);
          logger.warn('usage could not be written and is kept', { tenant, error });
        }
      }),
    );
  }

  return {
    count(tenant, what) {
      add(tenant, monthOf(clock()), { requests: 0, tokens: 0, [what]: 1 });
    },
    forget(tenant) {
      for (const [key, each] of pending) {
        if (each.tenant === tenant) {
          pending.delete(key);
        }
      }
    },
    async flushIfDue() {
      if (pending.size > 0 && clock() - flushed >= everyMs) {
        await flush();
      }
    },
    flush,
    async read(tenant) {
      const scopes = await readCounts(items, tenant);
      const months: MonthlyUsage[] = [];
      for await (const page of pagesOf(items, tenant, { partition })) {
        months.push(...page.map(({ sort, value }) => ({ month: sort, ...decode(value) })));
      }
      const { requests, tokens } = months.reduce<Counts>(sum, { requests: 0, tokens: 0 });
      return {
        meshes: scopes.get('')?.Mesh ?? 0,
        ...countedIn(new Map([...scopes].map(([scope, counts]) => [scope, { counts }]))),
        requests,
        tokens,
        months,
      };
    },
  };
}

function sum(a: Counts, b: Counts): Counts {
  return { requests: a.requests + b.requests, tokens: a.tokens + b.tokens };
}

const hourMs = 3_600_000;
let lastMonth = { hour: Number.NaN, month: '' };

/** Such as `2026-01`, in UTC; looked up once an hour, for it is asked with every request. */
function monthOf(time: number): string {
  const hour = Math.floor(time / hourMs);
  if (hour !== lastMonth.hour) {
    lastMonth = { hour, month: new Date(time).toISOString().slice(0, 7) };
  }
  return lastMonth.month;
}

function decode(value: string | Uint8Array): Counts {
  return JSON.parse(String(value)) as Counts;
}
