import { jobAuthor } from '../model/author.ts';
import { isKumulusError } from '../model/errors.ts';
import type { Clock, Logger } from '../model/ports.ts';
import type { Resource, ResourceKey } from '../model/resource.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Departure, DepartureList, Departures } from '../store/departures.ts';
import { goneSince } from '../store/insights/gone.ts';
import { type Insights, parseZoneProxyInsightName } from '../store/insights.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';
import type { Job } from './job.ts';
import type { TenantCare } from './tenant-care.ts';

export interface DeleteDepartedDeps {
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly departures: Departures;
  readonly careFor: (tenant: TenantId) => Promise<TenantCare>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** When the departures of a suspended tenant are looked at again, in milliseconds. */
const postponeMs = 3_600_000;

/** The resource that an insight belongs to. */
function keyOf(mesh: string, name: string): ResourceKey {
  return mesh === '' ? { mesh, ...parseZoneProxyInsightName(name) } : { type: 'Dataplane', mesh, name };
}

/**
 * How long after the last sign of a proxy its own Dataplane may have been made, in milliseconds: a relay says that a stream
 * is about to be open before it writes the Dataplane that the proxy brings along, and may die in between.
 */
const registrationMs = 60_000;

/** Proxies that are looked at in one step, but for what one entry more makes it: a second or two of work. */
const maxProxies = 512;

/** The departures of a page, some of one mesh together. */
function byMesh(page: readonly Departure[]): readonly (readonly Departure[])[] {
  const groups: Departure[][] = [];
  const open = new Map<string, { readonly group: Departure[]; proxies: number }>();
  for (const departure of page) {
    const key = `${departure.tenant}/${departure.mesh}`;
    let current = open.get(key);
    if (current === undefined || current.proxies >= maxProxies) {
      current = { group: [], proxies: 0 };
      open.set(key, current);
      groups.push(current.group);
    }
    current.group.push(departure);
    current.proxies += departure.names.length;
  }
  return groups;
}

/** The latest time at which each proxy of the departures is said to have gone. */
function timesOf(group: readonly Departure[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { names, time } of group) {
    for (const name of names) {
      times.set(name, Math.max(time, times.get(name) ?? 0));
    }
  }
  return times;
}

/**
 * Deletes the Dataplanes, and with them the insights, of proxies that went before some time and have not come back.
 * Dataplanes whose proxy never connected are their owner's, and stay.
 *
 * @param ageMs how long ago a proxy must have gone, in milliseconds.
 */
export function deleteDeparted(deps: DeleteDepartedDeps, list: DepartureList, ageMs: number): Job {
  const { resources, insights, departures, clock, logger } = deps;

  /** @returns false where it has to be looked at again. */
  async function remove(tenant: TenantId, resource: Resource, since: number): Promise<boolean> {
    const { type, mesh, name, version } = resource;
    const change: Change = { kind: 'delete', key: { type, mesh, name }, expect: { version } };
    try {
      await resources.commit(tenant, [change], jobAuthor);
    } catch (error) {
      if (isKumulusError(error, 'not_found')) {
        return true;
      }
      if (isKumulusError(error, 'conflict')) {
        return false;
      }
      throw error;
    }
    logger.info('a proxy was deleted because it was gone for too long', {
      tenant,
      type,
      mesh,
      name,
      offlineSince: new Date(since).toISOString(),
    });
    return true;
  }

  /**
   * @param entered when each proxy is said to have gone. Who went again later is entered again, maybe on another list.
   * @returns the names that have to be looked at again.
   */
  async function sweep(
    tenant: TenantId,
    mesh: string,
    entered: ReadonlyMap<string, number>,
    until: number,
  ): Promise<ReadonlySet<string>> {
    const names = [...entered.keys()];
    const keys = names.map((name) => keyOf(mesh, name));
    // In this order: who changes its Dataplane and comes back after the first read makes the deletion fail.
    const found = await resources.pick(tenant, mesh, keys);
    const known = await insights.pick(tenant, mesh, names);
    const due = names.flatMap((name, position) => {
      const since = goneSince(known.get(name));
      const isDue = since !== undefined && since <= Math.min(until, entered.get(name) ?? 0);
      return isDue ? [{ name, since, resource: found[position] }] : [];
    });
    const again = new Set<string>();
    await Promise.all(
      due.map(async ({ name, since, resource }) => {
        // One that was made later is of another proxy, which never connected.
        const isOurs = resource !== undefined && Date.parse(resource.creationTime) <= since + registrationMs;
        if (isOurs && !(await remove(tenant, resource, since))) {
          again.add(name);
        }
      }),
    );
    // All at once, so that they are written together.
    await Promise.all(
      due
        .filter(({ name }) => !again.has(name))
        .map(({ name, since }) =>
          insights.delete(tenant, mesh, name, (current) => goneSince(current) === since),
        ),
    );
    return again;
  }

  async function run(group: readonly Departure[], until: number): Promise<void> {
    const [first] = group;
    if (first === undefined) {
      return;
    }
    const { tenant, mesh } = first;
    const care = await deps.careFor(tenant);
    if (care === 'suspended') {
      await Promise.all(group.map((one) => departures.postpone(one, until + postponeMs)));
      return;
    }
    const again = care === 'gone' ? new Set<string>() : await sweep(tenant, mesh, timesOf(group), until);
    await Promise.all(
      group.filter((one) => !one.names.some((name) => again.has(name))).map(departures.settle),
    );
  }

  return {
    name: `delete-${list}`,
    async *steps() {
      const until = clock() - ageMs;
      for await (const page of departures.entries(list, until)) {
        for (const group of byMesh(page)) {
          yield {
            about: { tenant: group[0]?.tenant, mesh: group[0]?.mesh },
            run: () => run(group, until),
          };
        }
      }
    },
  };
}
