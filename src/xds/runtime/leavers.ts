import type { TenantId } from '../../model/tenant.ts';
import type { Departing } from '../session.ts';
import type { CredentialWatchDeps } from './credential-watch.ts';
import type { InsightRecorder } from './insight-recorder.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { deregister, type RegistrationDeps } from './registration.ts';

export interface LeaversDeps {
  readonly registration: RegistrationDeps;
  readonly recorder: Pick<InsightRecorder, 'flush'>;
  readonly lease: Pick<LeaseKeeper, 'isAlive'>;
  /** See {@link CredentialWatchDeps.whyNotServed}. */
  readonly whyNotServed: CredentialWatchDeps['whyNotServed'];
  /** How long after its stream the Dataplane of a proxy stays that left, in milliseconds. */
  readonly delayMs: number;
}

/** A proxy that brought its Dataplane along. */
export interface Leaver {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly name: string;
}

/** Deletes the Dataplanes that proxies brought along which left and are not back, here or elsewhere, after a while. */
export interface Leavers {
  gone(proxy: Leaver, departing: Departing): void;
  back(proxy: Leaver): void;
  /** Deletes nothing from now on: what is left to do is on the list of those that left, and done by the job. */
  stop(): void;
}

/** Creates it. */
export function createLeavers(deps: LeaversDeps): Leavers {
  const { registration, recorder, lease, whyNotServed, delayMs } = deps;
  const timers = new Map<string, NodeJS.Timeout>();
  const keyOf = ({ tenant, mesh, name }: Leaver) => `${tenant}/${mesh}/${name}`;

  const forget = (key: string) => {
    clearTimeout(timers.get(key));
    timers.delete(key);
  };

  const remove = async ({ tenant, mesh, name }: Leaver): Promise<void> => {
    try {
      await recorder.flush();
      // What a suspended tenant has stays as it is; what one has that is being deleted is not for us to delete.
      if ((await whyNotServed?.(tenant)) === undefined) {
        await deregister(registration, tenant, mesh, name);
      }
    } catch (error) {
      registration.logger.warn('a Dataplane could not be deleted', { tenant, mesh, name, error });
    }
  };

  return {
    gone(proxy, departing) {
      const key = keyOf(proxy);
      forget(key);
      const timer = setTimeout(() => {
        timers.delete(key);
        // A relay whose lease has run out knows least of all where its proxies are.
        if (departing() === 'left' && lease.isAlive()) {
          void remove(proxy);
        }
      }, delayMs);
      timer.unref();
      timers.set(key, timer);
    },
    back: (proxy) => forget(keyOf(proxy)),
    stop() {
      for (const key of [...timers.keys()]) {
        forget(key);
      }
    },
  };
}
