import { setTimeout as sleep } from 'node:timers/promises';
import { KumulusError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { ResourceStore } from '../../store/resource-store.ts';

export interface ChangeWaiterDeps {
  readonly resources: Pick<ResourceStore, 'head' | 'onCommit'>;
  /**
   * Whether others write to the table, so that it has to be looked at. Each who waits then reads the head of their mesh,
   * which is one read and the truth; the feed would be four, and may miss one.
   */
  readonly othersWrite: boolean;
}

/** Waits until a mesh has moved. */
export interface ChangeWaiter {
  /**
   * Resolves when the mesh may have moved beyond `revision`, when the time is over, or when the signal says that nobody
   * waits any more.
   *
   * @throws KumulusError `too_many_requests` where too many of the tenant's, or of all, wait already.
   */
  wait(
    tenant: TenantId,
    mesh: string,
    revision: number,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<void>;
}

const maxWaitingOfTenant = 200;
const maxWaiting = 2_000;

/** Milliseconds between two looks at the table: short at first, as changes come in crowds. */
const firstPollMs = 100;
const lastPollMs = 1_000;

/** Creates the part that long polls wait in. */
export function createChangeWaiter({ resources, othersWrite }: ChangeWaiterDeps): ChangeWaiter {
  /** Who waits for which mesh of which tenant, by `tenant/mesh`. */
  const waiting = new Map<string, Set<(revision: number) => void>>();
  const perTenant = new Map<TenantId, number>();
  let all = 0;
  resources.onCommit((tenant, mesh, revision) => {
    for (const wake of waiting.get(`${tenant}/${mesh}`) ?? []) {
      wake(revision);
    }
  });

  function count(tenant: TenantId, step: 1 | -1): void {
    const next = (perTenant.get(tenant) ?? 0) + step;
    if (next === 0) {
      perTenant.delete(tenant);
    } else {
      perTenant.set(tenant, next);
    }
    all += step;
  }

  /** Looks at the head until it has moved or the signal is given. */
  async function poll(tenant: TenantId, mesh: string, revision: number, signal: AbortSignal): Promise<void> {
    let pause = firstPollMs;
    while (!signal.aborted) {
      await pauseFor(pause, signal);
      pause = Math.min(lastPollMs, pause * 1.5);
      if (signal.aborted || (await resources.head(tenant, mesh)).revision > revision) {
        return;
      }
    }
  }

  return {
    async wait(tenant, mesh, revision, milliseconds, signal) {
      if (all >= maxWaiting || (perTenant.get(tenant) ?? 0) >= maxWaitingOfTenant) {
        throw new KumulusError('too_many_requests', 'too many requests wait for changes', {
          retryAfterSeconds: 5,
        });
      }
      const key = `${tenant}/${mesh}`;
      const over = new AbortController();
      const end = () => over.abort();
      const wake = (reached: number) => {
        if (reached > revision) {
          end();
        }
      };
      const group = waiting.get(key) ?? new Set();
      waiting.set(key, group.add(wake));
      count(tenant, 1);
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end);
      try {
        if (signal.aborted) {
          return;
        }
        // What was committed before this request was entered is not told to it.
        const { revision: now } = await resources.head(tenant, mesh);
        if (now <= revision) {
          await (othersWrite ? poll(tenant, mesh, revision, over.signal) : aborted(over.signal));
        }
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        end();
        group.delete(wake);
        if (group.size === 0) {
          waiting.delete(key);
        }
        count(tenant, -1);
      }
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}

/** Waits, at the longest until the signal is given. */
async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}
