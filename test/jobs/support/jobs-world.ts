import { type Deadline, noDeadline } from '../../../src/jobs/deadline.ts';
import { runJobs } from '../../../src/jobs/schedule.ts';
import type { TenantCare } from '../../../src/jobs/tenant-care.ts';
import { livenessSettings } from '../../../src/model/liveness-settings.ts';
import { silentLogger } from '../../../src/model/ports.ts';
import type { TenantId } from '../../../src/model/tenant.ts';
import { createDepartures } from '../../../src/store/create-departures.ts';
import { createDueFolds } from '../../../src/store/create-due-folds.ts';
import { createHoldings } from '../../../src/store/create-holdings.ts';
import { createInsights } from '../../../src/store/create-insights.ts';
import { createLeases } from '../../../src/store/create-leases.ts';
import { createResourceStore } from '../../../src/store/create-resource-store.ts';
import type { Departure } from '../../../src/store/departures.ts';
import type { Subscription } from '../../../src/store/insights.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import type { Queues } from '../../../src/store/queues.ts';
import { createHeldMeshes } from '../../../src/xds/runtime/held-meshes.ts';
import { createInsightRecorder } from '../../../src/xds/runtime/insight-recorder.ts';
import { testSecretBox } from '../../store/support/secret-box.ts';

export const liveness = livenessSettings({});

export interface JobsWorldOptions {
  readonly items: ItemStore;
  readonly tenant: TenantId;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly queues?: Queues;
}

/** One process's view of a table: the stores, proxies that come and go by the relay's own recorder, and the jobs. */
export function jobsWorld({ items, tenant, now, queues }: JobsWorldOptions) {
  const logger = silentLogger;
  const stores = {
    resources: createResourceStore({
      items,
      secretBox: testSecretBox,
      isSecret: () => false,
      clock: now,
      logger,
    }),
    insights: createInsights({ items, clock: now, isSparse: true }),
    leases: createLeases({ items, clock: now }),
    holdings: createHoldings(items),
    departures: createDepartures(items),
    dueFolds: createDueFolds(items),
  };
  const { resources, insights, leases, holdings, departures } = stores;
  let count = 0;

  const put = async (type: string, mesh: string, name: string) => {
    const spec = { networking: { address: '10.0.0.1' } };
    await resources.commit(tenant, [{ kind: 'put', draft: { type, mesh, name, labels: {}, spec } }]);
  };

  return {
    ...stores,
    mesh: (name: string) => put('Mesh', '', name),
    dataplane: (name: string, mesh = 'default') => put('Dataplane', mesh, name),
    zoneIngress: (name: string) => put('ZoneIngress', '', name),
    /** A relay that has just renewed its lease. */
    async relay(id: string, queue?: string) {
      await leases.renew(id, 15_000, queue);
      const held = createHeldMeshes({ holdings, insights, relay: id });
      const recorder = createInsightRecorder({ insights: held.insights, clock: now, logger, relay: id });
      return {
        held,
        recorder,
        renew: () => leases.renew(id, 15_000, queue),
        /** Lets a proxy in; resolves when that is written. What is given back closes its stream. */
        async connect(name: string, mesh = 'default') {
          count += 1;
          let left = false;
          const record = recorder.opened({
            tenant,
            mesh,
            name,
            subscriptionId: `${id}-${count}`,
            version: undefined,
            hasLeft: () => left,
          });
          await recorder.flush();
          return async (how: 'left' | 'lost' = 'lost') => {
            left = how === 'left';
            record.closed();
            await recorder.flush();
          };
        },
      };
    },
    /** Runs all jobs as a function of its own does. */
    run: (options: { readonly deadline?: Deadline; readonly care?: TenantCare } = {}) =>
      runJobs(
        {
          ...stores,
          ...(queues !== undefined && { queues }),
          clock: now,
          logger,
          liveness,
          careFor: async (one) => (one === tenant ? (options.care ?? 'active') : 'gone'),
        },
        options.deadline ?? noDeadline,
      ),
    async has(name: string, mesh = 'default', type = 'Dataplane') {
      return (await resources.get(tenant, { type, mesh, name })) !== undefined;
    },
    async last(name: string, mesh = 'default'): Promise<Subscription | undefined> {
      return (await insights.get(tenant, mesh, name))?.subscriptions.at(-1);
    },
    /** What is entered, whenever it is due. */
    async entered(): Promise<readonly Pick<Departure, 'list' | 'mesh' | 'names'>[]> {
      const found: Pick<Departure, 'list' | 'mesh' | 'names'>[] = [];
      for (const list of ['offline', 'left', 'zone'] as const) {
        for await (const page of departures.entries(list, Number.MAX_SAFE_INTEGER / 1_000)) {
          const ours = page.filter((one) => one.tenant === tenant);
          found.push(...ours.map(({ mesh, names }) => ({ list, mesh, names })));
        }
      }
      return found;
    },
  };
}

export type JobsWorld = ReturnType<typeof jobsWorld>;
