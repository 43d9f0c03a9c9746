import { headCheckPauseMs } from '../../src/xds/runtime/head-check.ts';
import { leaseLifeMs } from '../../src/xds/runtime/lease-keeper.ts';
import type { BillDeps, GroupItem } from './bill.ts';
import { amount, dataSize } from './figures.ts';
import type { ActName } from './measured-units.ts';
import { pollsPerSecond, pollsPerSecondWhenTold } from './polls.ts';
import { monthHours, type Traffic } from './traffic.ts';

const monthSeconds = monthHours * 3_600;
/** A lease is renewed at a third of its life. */
const leaseSeconds = leaseLifeMs / 3_000;

/** What the table costs, act by act, and what is kept in it. */
export function tableItems({ prices, units, assumptions }: BillDeps, traffic: Traffic): readonly GroupItem[] {
  const { proxies, tenants, idleTenants, relays, changes, restarts } = traffic;

  /** The items of acts that happen so many times. */
  const acts = (name: string, counts: Partial<Record<ActName, number>>): GroupItem => {
    let writes = 0;
    let reads = 0;
    for (const [act, { writes: written, reads: read }] of Object.entries(units.acts)) {
      const count = Object.entries(counts).find(([other]) => other === act)?.[1] ?? 0;
      writes += count * written;
      reads += count * read;
    }
    return {
      name,
      quantity: `${amount(writes)} writes, ${amount(reads)} reads`,
      dollars: prices.of('writeUnit', writes) + prices.of('readUnit', reads),
    };
  };

  const told = assumptions.toldShare.value;
  const checksBy = (isTold: boolean) => (monthSeconds * 1_000) / headCheckPauseMs(traffic.histories, isTold);
  const headChecks = told * checksBy(true) + (1 - told) * checksBy(false);
  const polls =
    told * pollsPerSecondWhenTold + (1 - told) * pollsPerSecond(traffic.momentsPerHour, proxies > 0);
  const kilobytes =
    proxies * assumptions.proxyKilobytes.value +
    (tenants + idleTenants) * assumptions.tenantKilobytes.value +
    // What is written in three months, which is how long records are kept.
    3 *
      (changes * assumptions.auditKilobytes.value +
        traffic.tokens * assumptions.tokenAuditKilobytes.value +
        restarts * assumptions.restartAuditKilobytes.value);
  const gigabytes = kilobytes / 1e6;

  return [
    acts('changes by the API', {
      change: changes,
      changeRead: changes * relays,
      request: changes * assumptions.readsPerChange.value,
    }),
    acts('proxies that take them, and how far they got', {
      acknowledgement: traffic.acknowledgements,
      propagation: traffic.momentsPerHour * monthHours * relays,
    }),
    acts('proxies that restart', {
      // Of the webhook, which looks who calls and for which mesh.
      request: traffic.pods,
      // Each relay has a part of those that restart together.
      rollout: traffic.rollouts * Math.min(relays, assumptions.proxiesOfRollout.value),
      awayAndBack: restarts,
      token: traffic.tokens,
    }),
    acts('what tenants have used', { usage: traffic.usages }),
    acts('leases of relays', { lease: (relays * monthSeconds) / leaseSeconds }),
    acts('polls of the feed', { poll: relays * monthSeconds * polls }),
    acts('checks of heads', { head: relays * headChecks * traffic.histories }),
    acts('jobs', { jobs: traffic.jobRuns }),
    {
      name: 'what is kept, with its backup',
      quantity: dataSize(gigabytes),
      dollars: prices.of('tableGigabyte', gigabytes) + prices.of('backupGigabyte', gigabytes),
    },
  ];
}
