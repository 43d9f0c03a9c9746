import type { Clock, Logger } from '../model/ports.ts';
import type { Holding, Holdings } from '../store/holdings.ts';
import type { Insights, Subscription } from '../store/insights.ts';
import type { DeadLease, Leases } from '../store/leases.ts';
import type { Queues } from '../store/queues.ts';
import type { Job, Step } from './job.ts';

export interface CloseOrphansDeps {
  readonly leases: Leases;
  /** Where relays have queues; absent where they have none. */
  readonly queues?: Pick<Queues, 'remove'>;
  readonly holdings: Holdings;
  readonly insights: Insights;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a relay may be silent before its streams count as closed, in milliseconds (Kuma's idle timeout, 5 min). */
  readonly idleTimeoutMs: number;
}

/** When an open subscription was last heard of, be it by its relay's lease or by what the relay wrote of it. */
function lastHeardOf({ connectTime, lastUpdateTime }: Subscription, { renewed }: DeadLease): number {
  return Math.max(renewed, Date.parse(connectTime), Date.parse(lastUpdateTime ?? connectTime));
}

/**
 * Closes what a dead relay left open in one mesh, as of when it was last heard of.
 *
 * @param until milliseconds since 1970; what was heard of later stays open, for its relay may just have come back.
 */
async function closeIn(
  insights: Insights,
  { tenant, mesh }: Holding,
  lease: DeadLease,
  until: number,
): Promise<{ readonly closed: number; readonly left: number }> {
  const { records } = await insights.read(tenant, mesh);
  // Most records are of other relays and need not be decoded.
  const candidates = [...records.values()].filter(({ text }) => text.includes(lease.relay));
  const isOpen = (one: Subscription) =>
    one.disconnectTime === undefined && one.controlPlaneInstanceId === lease.relay;
  const isOrphan = (one: Subscription) => isOpen(one) && lastHeardOf(one, lease) <= until;
  let closed = 0;
  let left = 0;
  await Promise.all(
    candidates.map(({ name }) =>
      insights.update(tenant, mesh, name, (current) => {
        const open = current?.subscriptions.filter(isOpen) ?? [];
        const orphans = open.filter(isOrphan);
        left += open.length > orphans.length ? 1 : 0;
        if (current === undefined || orphans.length === 0) {
          return undefined;
        }
        closed += 1;
        const subscriptions = current.subscriptions.map((one) =>
          isOrphan(one) ? { ...one, disconnectTime: new Date(lastHeardOf(one, lease)).toISOString() } : one,
        );
        return { ...current, subscriptions };
      }),
    ),
  );
  return { closed, left };
}

/** A step that tells whether it did all that there was to do. */
interface SettlingStep extends Step {
  readonly settled: Promise<boolean>;
}

function settlingStep(about: Step['about'], work: () => Promise<boolean>): SettlingStep {
  let settle: (isSettled: boolean) => void = () => {};
  const settled = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  return {
    about,
    settled,
    async run() {
      try {
        settle(await work());
      } catch (error) {
        settle(false);
        throw error;
      }
    },
  };
}

/**
 * Closes the subscriptions that relays have left open which were not heard of for the idle timeout, as of when they were
 * last heard of, and removes their queues. The lease of a dead relay leads to both; no other mesh is looked at.
 */
export function closeOrphans(deps: CloseOrphansDeps): Job {
  const { leases, queues, holdings, insights, clock, logger, idleTimeoutMs } = deps;

  const closing = (lease: DeadLease, holding: Holding, until: number): SettlingStep =>
    settlingStep({ relay: lease.relay, ...holding }, async () => {
      const { closed, left } = await closeIn(insights, holding, lease, until);
      if (left === 0) {
        await holdings.settle(lease.relay, holding);
      }
      if (closed > 0) {
        logger.info('streams were closed that a dead relay had left open', {
          ...holding,
          relay: lease.relay,
          proxies: closed,
          lastHeardOf: new Date(lease.renewed).toISOString(),
        });
      }
      return left === 0;
    });

  const removal = (relay: string, queue: string): SettlingStep =>
    settlingStep({ relay, queue }, async () => {
      await queues?.remove(queue);
      return true;
    });

  return {
    name: 'close-orphans',
    async *steps() {
      // Of before the leases are read: what a relay opens that comes back meanwhile is later.
      const until = clock() - idleTimeoutMs;
      for (const lease of await leases.dead()) {
        if (lease.renewed > until) {
          continue;
        }
        const settled: Promise<boolean>[] = [];
        for await (const page of holdings.of(lease.relay)) {
          for (const holding of page) {
            const step = closing(lease, holding, until);
            settled.push(step.settled);
            yield step;
          }
        }
        if (lease.queue !== undefined) {
          const step = removal(lease.relay, lease.queue);
          settled.push(step.settled);
          yield step;
        }
        if ((await Promise.all(settled)).every(Boolean)) {
          await leases.bury(lease);
        }
      }
    },
  };
}
