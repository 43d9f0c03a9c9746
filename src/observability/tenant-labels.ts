import type { Clock } from '../model/ports.ts';

/** The label of what is not told apart. Its colon cannot occur in a tenant's or a mesh's name. */
export const otherLabel = ':other';

export interface TenantLabelsDeps {
  /** How many tenants have series of their own at the same time. */
  readonly limit: number;
  /** How long a tenant keeps its series after its last proxy went, unless another one needs the place, in milliseconds. */
  readonly keepMs: number;
  readonly clock: Clock;
  /** The series of a tenant are to be removed. */
  readonly onRemoved: (tenant: string) => void;
}

/**
 * Decides which tenants have series of their own: those that connected first, up to a limit; the others are counted
 * together until they connect while there is room. Whoever has a place keeps it while proxies are connected, so that
 * no counter jumps.
 */
export interface TenantLabels {
  /** A proxy of the tenant came; gives what it is counted under for as long as it is connected. */
  enter(tenant: string): string;
  /** A proxy went that was counted under that label. */
  leave(label: string): void;
  /** What the tenant is counted under now. */
  labelOf(tenant: string): string;
  /** Removes the series of tenants that are long gone. */
  sweep(): void;
}

interface Place {
  proxies: number;
  /** Milliseconds since 1970; of use while there are no proxies. */
  idleSince: number;
}

export function createTenantLabels(deps: TenantLabelsDeps): TenantLabels {
  const places = new Map<string, Place>();

  const remove = (tenant: string) => {
    places.delete(tenant);
    deps.onRemoved(tenant);
  };

  /** Of the tenants without proxies the one that has been so the longest. */
  const longestIdle = (): string | undefined => {
    let found: readonly [string, number] | undefined;
    for (const [tenant, { proxies, idleSince }] of places) {
      if (proxies === 0 && (found === undefined || idleSince < found[1])) {
        found = [tenant, idleSince];
      }
    }
    return found?.[0];
  };

  const makeRoom = (): boolean => {
    if (places.size < deps.limit) {
      return true;
    }
    const tenant = longestIdle();
    if (tenant === undefined) {
      return false;
    }
    remove(tenant);
    return true;
  };

  return {
    enter(tenant) {
      const place = places.get(tenant);
      if (place !== undefined) {
        place.proxies += 1;
        return tenant;
      }
      if (!makeRoom()) {
        return otherLabel;
      }
      places.set(tenant, { proxies: 1, idleSince: 0 });
      return tenant;
    },
    leave(label) {
      const place = places.get(label);
      if (place !== undefined) {
        place.proxies -= 1;
        place.idleSince = deps.clock();
      }
    },
    labelOf: (tenant) => (places.has(tenant) ? tenant : otherLabel),
    sweep() {
      for (const [tenant, { proxies, idleSince }] of places) {
        if (proxies === 0 && deps.clock() - idleSince > deps.keepMs) {
          remove(tenant);
        }
      }
    },
  };
}
