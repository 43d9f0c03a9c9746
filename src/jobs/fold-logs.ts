import type { Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { DueFolds } from '../store/due-folds.ts';
import type { ResourceStore } from '../store/resource-store.ts';

export interface FoldLogsDeps {
  readonly resources: Pick<ResourceStore, 'fold'>;
  readonly dueFolds: DueFolds;
  readonly logger: Logger;
}

/**
 * Folds the logs that have grown or will expire, so that a relay that meets a mesh reads tens of items and not thousands.
 * Only meshes that commits have entered are looked at. It may be stopped at any point and run twice at once: what is
 * not done stays entered. What fails for one mesh does not keep it from the others.
 *
 * @param now milliseconds since 1970.
 * @param signal no further mesh is begun once it is aborted.
 * @returns how many meshes were folded, or found to be folded.
 */
export async function foldDueLogs(deps: FoldLogsDeps, now: number, signal?: AbortSignal): Promise<number> {
  let count = 0;
  for await (const page of deps.dueFolds.due(now)) {
    for (const due of page) {
      if (signal?.aborted === true) {
        return count;
      }
      const { tenant, mesh } = due;
      try {
        await deps.resources.fold(tenant, mesh);
        await deps.dueFolds.settle(due);
        count += 1;
      } catch (error) {
        deps.logger.error('a log could not be folded', { tenant, mesh, error: String(error) });
      }
    }
  }
  return count;
}

/** How many commits may follow a snapshot before the log is folded again. */
const commitsPerSnapshot = 64;

/** Folds the log of a mesh where it has grown. */
export async function foldLog(resources: ResourceStore, tenant: TenantId, mesh: string): Promise<boolean> {
  const { revision, snapshotRevision } = await resources.head(tenant, mesh);
  if (revision - snapshotRevision < commitsPerSnapshot) {
    return false;
  }
  await resources.fold(tenant, mesh);
  return true;
}
