import type { TenantId } from '../model/tenant.ts';
import type { ResourceStore } from '../store/resource-store.ts';

/** How many commits may follow a snapshot before the log is folded again. */
const commitsPerSnapshot = 500;

/** Folds the log of a mesh where it has grown, so that a relay that meets the mesh reads a few items and not thousands. */
export async function foldLog(resources: ResourceStore, tenant: TenantId, mesh: string): Promise<boolean> {
  const { revision, snapshotRevision } = await resources.head(tenant, mesh);
  if (revision - snapshotRevision < commitsPerSnapshot) {
    return false;
  }
  await resources.fold(tenant, mesh);
  return true;
}
