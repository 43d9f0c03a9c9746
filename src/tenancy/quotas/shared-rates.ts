import type { Clock } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { ItemStore } from '../../store/port.ts';
import { createContender } from '../../store/resources/contention.ts';
import { type Metered, type Rates, tooMany } from './rates.ts';

export interface SharedRatesDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
}

/** The time that one budget is for. */
const windowMs = 10_000;
/** What a process may use of a budget without asking, as a part of it: the quiet ones never ask. */
const freePart = 1 / 100;
/** What a process takes at once when it asks, as a part of what is left: many processes come to their share. */
const lotPart = 1 / 20;
/** Pairs of tenant and kind that are remembered. */
const maxHeld = 10_000;

/** What one process holds of a budget. */
interface Share {
  readonly window: number;
  left: number;
  /** Nothing is left of the budget. */
  exhausted: boolean;
  claiming: Promise<void> | undefined;
}

const partition = 'rates';

/**
 * Rates that many processes hold together, as functions are. A budget is for ten seconds and lies in one item, from
 * which processes take lots as they need them. What n processes may do beyond the quota is what each has without asking:
 * a hundredth of it, or one request in ten seconds.
 */
export function createSharedRates({ items, clock }: SharedRatesDeps): Rates {
  const shares = new Map<string, Share>();
  const contender = createContender();

  function shareOf(key: string, window: number, budget: number): Share {
    const known = shares.get(key);
    if (known?.window === window) {
      return known;
    }
    const share = {
      window,
      left: Math.max(1, Math.floor(budget * freePart)),
      exhausted: false,
      claiming: undefined,
    };
    shares.delete(key);
    shares.set(key, share);
    const oldest = shares.keys().next();
    if (shares.size > maxHeld && oldest.done === false) {
      shares.delete(oldest.value);
    }
    return share;
  }

  /** Takes a lot of what is left; 0 where nothing is. @throws ConditionFailedError where somebody else was faster. */
  async function takeLot(tenant: TenantId, what: Metered, window: number, budget: number): Promise<number> {
    const key = { partition, sort: what };
    const item = await items.get(tenant, key);
    const known = item === undefined ? { window, taken: 0 } : decode(item.value);
    const left = budget - (known.window === window ? known.taken : 0);
    if (left <= 0 || known.window > window) {
      return 0;
    }
    const lot = Math.max(1, Math.floor(left * lotPart));
    const value = JSON.stringify({ window, taken: budget - left + lot });
    const version = (item?.version ?? 0) + 1;
    const condition = item === undefined ? ({ absent: true } as const) : { version: item.version };
    await items.transact(tenant, [{ kind: 'put', item: { ...key, version, value }, condition }]);
    return lot;
  }

  async function claim(tenant: TenantId, what: Metered, share: Share, budget: number): Promise<void> {
    const lot = await contender(() => takeLot(tenant, what, share.window, budget));
    share.left += lot;
    share.exhausted = lot === 0;
  }

  return {
    async take(tenant, what, perSecond) {
      if (perSecond === null) {
        return;
      }
      if (perSecond === 0) {
        throw tooMany(what, perSecond);
      }
      const now = clock();
      const window = Math.floor(now / windowMs);
      const budget = (perSecond * windowMs) / 1_000;
      const share = shareOf(`${tenant}/${what}`, window, budget);
      while (share.left < 1 && !share.exhausted) {
        share.claiming ??= claim(tenant, what, share, budget).finally(() => {
          share.claiming = undefined;
        });
        await share.claiming;
      }
      if (share.left < 1) {
        throw tooMany(what, perSecond, ((window + 1) * windowMs - now) / 1_000);
      }
      share.left -= 1;
    },
  };
}

function decode(value: string | Uint8Array): { readonly window: number; readonly taken: number } {
  return JSON.parse(String(value)) as { window: number; taken: number };
}
