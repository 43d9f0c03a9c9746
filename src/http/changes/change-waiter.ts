import type { TenantId } from '../../model/tenant.ts';
import type { ResourceStore } from '../../store/resource-store.ts';
import type { LongPolls } from '../long-polls.ts';

export interface ChangeWaiterDeps {
  readonly resources: Pick<ResourceStore, 'head' | 'onCommit'>;
  readonly polls: LongPolls;
}

/** Waits until a mesh has moved. */
export interface ChangeWaiter {
  /**
   * Resolves when the mesh may have moved beyond `revision`, when the time is over, or when the signal says that nobody
   * waits any more.
   *
   * @throws KumulusError `too_many_requests` where too many of the tenant's, or of all, wait already.
   */
  wait(
    tenant: TenantId,
    mesh: string,
    revision: number,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Creates the waiter of `_changes`. Where others write, who waits reads the head of their mesh: one small read each. */
export function createChangeWaiter({ resources, polls }: ChangeWaiterDeps): ChangeWaiter {
  const keyOf = (tenant: TenantId, mesh: string) => `changes/${tenant}/${mesh}`;
  resources.onCommit((tenant, mesh) => polls.wake(keyOf(tenant, mesh)));
  return {
    wait: (tenant, mesh, revision, milliseconds, signal) =>
      polls.wait({
        tenant,
        key: keyOf(tenant, mesh),
        milliseconds,
        signal,
        look: async () => (await resources.head(tenant, mesh)).revision > revision,
      }),
  };
}
