import type { Publisher } from '../events/publisher.ts';
import type { Clock, Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { type CleanUpDeps, cleanUpDataplanes } from './clean-up-dataplanes.ts';
import { foldLog } from './fold-logs.ts';

/** What is unpublished for so long was left by a process that died, or that could not reach the bus, in milliseconds. */
const unpublishedMs = 30_000;

export interface JobsDeps extends CleanUpDeps {
  readonly resources: ResourceStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The tenants whose meshes are looked after. */
  readonly tenants: () => Promise<readonly TenantId[]>;
  /** Publishes what was left unpublished; absent where there are no events. */
  readonly publisher?: Pick<Publisher, 'sweep'>;
  /** Goes on with the deletion of tenants. */
  readonly removeDeletedTenants?: () => Promise<void>;
}

/** Does every job once, for every mesh of every tenant. What fails for one mesh does not keep it from the others. */
export async function runJobs(deps: JobsDeps): Promise<void> {
  await sweepEvents(deps);
  await deps.removeDeletedTenants?.();
  for (const tenant of await deps.tenants()) {
    const attempt = async (mesh: string, work: () => Promise<unknown>) => {
      try {
        await work();
      } catch (error) {
        deps.logger.error('a job failed', { tenant, mesh, error: String(error) });
      }
    };
    const { resources: globals } = await deps.resources.load(tenant, '');
    for (const { name: mesh } of globals.filter(({ type }) => type === 'Mesh')) {
      await attempt(mesh, () => cleanUpDataplanes(deps, tenant, mesh, deps.clock()));
      await attempt(mesh, () => foldLog(deps.resources, tenant, mesh));
    }
    await attempt('', () => foldLog(deps.resources, tenant, ''));
    await attempt('', () => deps.resources.purge(tenant));
  }
}

/** A bus that is out of reach keeps nothing else from being done. */
async function sweepEvents({ publisher, logger }: JobsDeps): Promise<void> {
  try {
    await publisher?.sweep(unpublishedMs);
  } catch (error) {
    logger.error('events that were left could not be looked for', { error: String(error) });
  }
}

export interface Schedule {
  /** No run begins after this; resolves when the one under way is done. */
  stop(): Promise<void>;
}

/** Runs the jobs again and again, as EventBridge does in the cloud. */
export function createSchedule(deps: JobsDeps, everyMs: number): Schedule {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => runJobs(deps))
      .catch((error: unknown) => deps.logger.error('the jobs failed', { error: String(error) }));
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
