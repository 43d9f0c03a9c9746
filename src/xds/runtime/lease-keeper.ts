import type { Clock, Logger } from '../../model/ports.ts';
import { noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import type { Leases } from '../../store/leases.ts';

export interface LeaseKeeper {
  /** Whether the lease lives, as far as this relay knows: one that cannot renew it does not think itself alive. */
  isAlive(): boolean;
  /** Gives the lease up; the relay's proxies count as offline from then on unless they are back elsewhere. */
  release(): Promise<void>;
}

export interface LeaseKeeperDeps {
  readonly leases: Leases;
  /** The relay's instance id. */
  readonly relay: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly telemetry?: Pick<Telemetry, 'leaseRenewed'>;
  /** The address of the relay's queue, which the lease tells those who commit; there is none where it is absent. */
  readonly queue?: () => string | undefined;
  /** How long a lease lives, in milliseconds; {@link leaseLifeMs} unless told. It is renewed three times in that time. */
  readonly lifeMs?: number;
  /** How long a relay may be silent before others may take it for dead, in milliseconds; five minutes unless told. */
  readonly idleTimeoutMs?: number;
  /** Called once the lease is renewed after the relay was silent for so long that it may have been taken for dead. */
  readonly onRevival?: () => void;
}

/**
 * How long a lease lives, in milliseconds: a relay that dies is known to be dead after this. Each renewal is a write, so a
 * third of it is what a relay that does nothing costs.
 */
export const leaseLifeMs = 60_000;

/** What could not be renewed is tried again after this, in milliseconds. */
const retryMs = 1_000;

/** Takes a lease and keeps it until told otherwise. Resolves once the first one is written. */
export async function createLeaseKeeper(deps: LeaseKeeperDeps): Promise<LeaseKeeper> {
  const { leases, relay, logger, clock, lifeMs = leaseLifeMs, idleTimeoutMs = 300_000 } = deps;
  const telemetry = deps.telemetry ?? noTelemetry;
  let renewed = clock();
  let expires = renewed;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;

  const renew = async () => {
    const now = clock();
    await leases.renew(relay, lifeMs, deps.queue?.());
    const silentMs = now - renewed;
    renewed = now;
    expires = now + lifeMs;
    telemetry.leaseRenewed(expires);
    // Half of it, because clocks differ. Whoever takes the relay for dead goes by the time of the renewal before.
    if (silentMs >= idleTimeoutMs / 2) {
      logger.warn('the relay was not heard of for so long that it may have been taken for dead', {
        relay,
        silentMs,
      });
      deps.onRevival?.();
    }
  };

  const keep = async (): Promise<void> => {
    let next = lifeMs / 3;
    try {
      await renew();
    } catch (error) {
      next = Math.min(next, retryMs);
      telemetry.leaseRenewed(undefined);
      logger.error('the lease could not be renewed', { relay, error });
    }
    schedule(next);
  };

  let renewal: Promise<void> = renew();
  await renewal;

  function schedule(milliseconds: number): void {
    if (!isOver) {
      timer = setTimeout(() => {
        renewal = keep();
      }, milliseconds);
    }
  }
  schedule(lifeMs / 3);

  return {
    isAlive: () => clock() < expires,
    async release() {
      isOver = true;
      clearTimeout(timer);
      await renewal;
      await leases.release(relay, deps.queue?.());
    },
  };
}
