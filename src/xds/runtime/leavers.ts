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
  /**
   * Whether proxies wait to be let in here. Any of them may be one that left, so nobody's Dataplane is deleted meanwhile,
   * for some times as long as the delay; never unless told.
   */
  readonly isCrowded?: () => boolean;
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
  /** It is at the door: its Dataplane stays. Gives back what is to be called where it was not let in after all. */
  back(proxy: Leaver): () => void;
  /** Deletes nothing from now on: what is left to do is on the list of those that left, and done by the job. */
  stop(): void;
}

/**
 * So many times a Dataplane is left alone because of a crowd: who keeps one up cannot keep the others' Dataplanes as well.
 * Some 30 s after the delay the job deletes what is left.
 */
const mostReprieves = 3;

/** How long those of a mesh that went together are gathered at the most, in milliseconds, and as a part of the delay. */
const longestGatherMs = 500;
const gatherPart = 1 / 10;

interface Waiting {
  readonly proxy: Leaver;
  readonly timer: NodeJS.Timeout;
  readonly departing: Departing;
  /** `performance.now()` at which its time is over. */
  readonly due: number;
  readonly reprieves: number;
}

/** Creates it. */
export function createLeavers(deps: LeaversDeps): Leavers {
  const { registration, recorder, lease, whyNotServed, delayMs, isCrowded = () => false } = deps;
  const waiting = new Map<string, Waiting>();
  /** Whose time is over, by mesh, for a moment: they are deleted by one commit. */
  const ripe = new Map<string, Waiting[]>();
  let stopped = false;
  const keyOf = ({ tenant, mesh, name }: Leaver) => `${tenant}/${mesh}/${name}`;

  const forget = (key: string) => {
    const known = waiting.get(key);
    clearTimeout(known?.timer);
    waiting.delete(key);
    return known;
  };

  const remove = async ({ tenant, mesh }: Leaver, names: readonly string[]): Promise<void> => {
    try {
      await recorder.flush();
      // What a suspended tenant has stays as it is; what one has that is being deleted is not for us to delete.
      if ((await whyNotServed?.(tenant)) === undefined) {
        await deregister(registration, tenant, mesh, names);
      }
    } catch (error) {
      registration.logger.warn('Dataplanes could not be deleted', { tenant, mesh, names, error });
    }
  };

  const gather = (one: Waiting) => {
    const { proxy } = one;
    const mesh = `${proxy.tenant}/${proxy.mesh}`;
    const group = ripe.get(mesh);
    if (group !== undefined) {
      group.push(one);
      return;
    }
    const gathered = [one];
    ripe.set(mesh, gathered);
    const timer = setTimeout(
      () => {
        ripe.delete(mesh);
        // Without those that have come back meanwhile.
        const gone = gathered.filter((each) => waiting.get(keyOf(each.proxy)) === each);
        for (const each of gone) {
          waiting.delete(keyOf(each.proxy));
        }
        if (gone.length > 0) {
          void remove(
            proxy,
            gone.map((each) => each.proxy.name),
          );
        }
      },
      Math.min(longestGatherMs, delayMs * gatherPart),
    );
    timer.unref();
  };

  const arm = (proxy: Leaver, departing: Departing, due: number, reprieves: number) => {
    const key = keyOf(proxy);
    forget(key);
    if (stopped) {
      return;
    }
    const timer = setTimeout(() => {
      if (departing() !== 'left') {
        waiting.delete(key);
        return;
      }
      if (reprieves < mostReprieves && isCrowded()) {
        arm(proxy, departing, performance.now() + delayMs, reprieves + 1);
      } else if (lease.isAlive()) {
        // A relay whose lease has run out knows least of all where its proxies are.
        gather(one);
      } else {
        waiting.delete(key);
      }
    }, due - performance.now());
    timer.unref();
    const one: Waiting = { proxy, timer, departing, due, reprieves };
    waiting.set(key, one);
  };

  return {
    gone: (proxy, departing) => arm(proxy, departing, performance.now() + delayMs, 0),
    back(proxy) {
      const known = forget(keyOf(proxy));
      return () => {
        // In the time that it had left: who is refused again and again keeps nothing alive.
        if (known !== undefined && !waiting.has(keyOf(proxy))) {
          arm(proxy, known.departing, known.due, known.reprieves);
        }
      };
    },
    stop() {
      stopped = true;
      for (const key of [...waiting.keys()]) {
        forget(key);
      }
    },
  };
}
