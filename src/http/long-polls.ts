import { setTimeout as sleep } from 'node:timers/promises';
import { KumulusError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';

export interface LongPollsDeps {
  /**
   * Whether others write to the table, so that it has to be looked at. Each who waits then reads what they wait for,
   * which is the truth; the feed would be more reads, and may miss one.
   */
  readonly othersWrite: boolean;
}

/** What a request waits for. */
export interface LongPoll {
  readonly tenant: TenantId;
  /** What {@link LongPolls.wake} names. */
  readonly key: string;
  readonly milliseconds: number;
  /** Given where nobody waits any more. */
  readonly signal: AbortSignal;
  /** Looks whether it has happened. */
  look(): Promise<boolean>;
}

/** Requests that wait for something to happen, so that nobody has to ask again and again. */
export interface LongPolls {
  /**
   * Resolves when the look finds that it has happened, when the time is over, or when nobody waits any more.
   *
   * @throws KumulusError `too_many_requests` where too many of the tenant's, or of all, wait already; what the look throws.
   */
  wait(poll: LongPoll): Promise<void>;
  /** This process knows that something has happened: who waits for it looks at once. */
  wake(key: string): void;
}

const maxWaitingOfTenant = 200;
const maxWaiting = 2_000;

/** Milliseconds between two looks at the table: short at first, as changes come in crowds. */
const firstPollMs = 100;
const lastPollMs = 1_000;

/** Creates the part that long polls wait in. */
export function createLongPolls({ othersWrite }: LongPollsDeps): LongPolls {
  const waiting = new Map<string, Set<() => void>>();
  const perTenant = new Map<TenantId, number>();
  let all = 0;

  function count(tenant: TenantId, step: 1 | -1): void {
    const next = (perTenant.get(tenant) ?? 0) + step;
    if (next === 0) {
      perTenant.delete(tenant);
    } else {
      perTenant.set(tenant, next);
    }
    all += step;
  }

  return {
    async wait({ tenant, key, milliseconds, signal, look }) {
      if (all >= maxWaiting || (perTenant.get(tenant) ?? 0) >= maxWaitingOfTenant) {
        throw new KumulusError('too_many_requests', 'too many requests wait for changes', {
          retryAfterSeconds: 5,
        });
      }
      const over = new AbortController();
      const end = () => over.abort();
      // Replaced by each pause; a wake between two looks counts for the next pause.
      let woken = new AbortController();
      const wake = () => woken.abort();
      const group = waiting.get(key) ?? new Set();
      waiting.set(key, group.add(wake));
      count(tenant, 1);
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end);
      let pause = firstPollMs;
      try {
        // What happened before this request was entered is not told to it.
        while (!signal.aborted && !over.signal.aborted && !(await look())) {
          await pauseFor(othersWrite ? pause : milliseconds, AbortSignal.any([over.signal, woken.signal]));
          pause = Math.min(lastPollMs, pause * 1.5);
          woken = woken.signal.aborted ? new AbortController() : woken;
        }
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        group.delete(wake);
        if (group.size === 0) {
          waiting.delete(key);
        }
        count(tenant, -1);
      }
    },
    wake(key) {
      for (const wake of waiting.get(key) ?? []) {
        wake();
      }
    },
  };
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
