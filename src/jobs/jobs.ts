import type { LivenessSettings } from '../model/liveness-settings.ts';
import type { TenantId } from '../model/tenant.ts';
import type { DueFolds } from '../store/due-folds.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { type CloseOrphansDeps, closeOrphans } from './close-orphans.ts';
import { type DeleteDepartedDeps, deleteDeparted } from './delete-departed.ts';
import type { Job } from './job.ts';

export interface AllJobsDeps extends Omit<CloseOrphansDeps, 'idleTimeoutMs'>, DeleteDepartedDeps {
  readonly dueFolds: DueFolds;
  readonly liveness: LivenessSettings;
}

/** How long the relay that a proxy left has to delete its Dataplane before the job does, in milliseconds. */
const relaysTurnMs = 30_000;

/** Folds the logs of the meshes that commits have entered. */
function foldLogs(resources: Pick<ResourceStore, 'fold'>, dueFolds: DueFolds, now: () => number): Job {
  return {
    name: 'fold-logs',
    async *steps() {
      for await (const page of dueFolds.due(now())) {
        for (const due of page) {
          yield {
            about: { tenant: due.tenant, mesh: due.mesh },
            async run() {
              await resources.fold(due.tenant, due.mesh);
              await dueFolds.settle(due);
            },
          };
        }
      }
    },
  };
}

/** Ends the removal of meshes that was interrupted. */
function purgeMeshes(resources: Pick<ResourceStore, 'purge' | 'tenantsToPurge'>): Job {
  const step = (tenant: TenantId) => ({ about: { tenant }, run: () => resources.purge(tenant) });
  return {
    name: 'purge-meshes',
    async *steps() {
      for (const tenant of await resources.tenantsToPurge()) {
        yield step(tenant);
      }
    },
  };
}

/** All jobs that work through lists of what is due. */
export function allJobs(deps: AllJobsDeps): readonly Job[] {
  const { resources, dueFolds, clock, liveness } = deps;
  return [
    closeOrphans({ ...deps, idleTimeoutMs: liveness.dataplaneIdleTimeoutMs }),
    deleteDeparted(deps, 'left', liveness.deregistrationDelayMs + relaysTurnMs),
    deleteDeparted(deps, 'offline', liveness.dataplaneCleanupAgeMs),
    deleteDeparted(deps, 'zone', liveness.zoneResourceCleanupAgeMs),
    foldLogs(resources, dueFolds, clock),
    purgeMeshes(resources),
  ];
}
