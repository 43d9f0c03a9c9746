import type { Logger } from '../../model/ports.ts';
import type { Leases } from '../../store/leases.ts';

export interface LeaseKeeper {
  /** Gives the lease up; the relay's proxies count as offline from then on unless they are back elsewhere. */
  release(): Promise<void>;
}

export interface LeaseKeeperDeps {
  readonly leases: Leases;
  /** The relay's instance id. */
  readonly relay: string;
  readonly logger: Logger;
  /** How long a lease lives, in milliseconds; 15,000 unless told. It is renewed three times in that time. */
  readonly lifeMs?: number;
}

/** Takes a lease and keeps it until told otherwise. Resolves once the first one is written. */
export async function createLeaseKeeper(deps: LeaseKeeperDeps): Promise<LeaseKeeper> {
  const lifeMs = deps.lifeMs ?? 15_000;
  await deps.leases.renew(deps.relay, lifeMs);
  let renewal = Promise.resolve();
  const timer = setInterval(() => {
    renewal = deps.leases
      .renew(deps.relay, lifeMs)
      .catch((error: unknown) =>
        deps.logger.error('the lease could not be renewed', { relay: deps.relay, error: String(error) }),
      );
  }, lifeMs / 3);
  return {
    async release() {
      clearInterval(timer);
      await renewal;
      await deps.leases.release(deps.relay);
    },
  };
}
