import { jobAuthor } from '../model/author.ts';
import { isKumulusError } from '../model/errors.ts';
import type { Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import { digestOf } from '../store/insights/digest.ts';
import type { Insights, Subscription } from '../store/insights.ts';
import type { Leases } from '../store/leases.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';

export interface CleanUpDeps {
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly leases: Leases;
  readonly logger: Logger;
  /** How long a proxy may be offline before its Dataplane is deleted, in milliseconds (Kuma: 72 h). */
  readonly cleanUpAgeMs: number;
}

export interface CleanUpResult {
  /** Subscriptions that were closed because their relay is dead. */
  readonly closed: number;
  /** Dataplanes that were deleted. */
  readonly deleted: number;
}

/** The open subscriptions of dead relays, closed; the same list where there are none. */
function closeOrphans(
  subscriptions: readonly Subscription[],
  alive: ReadonlySet<string>,
  now: number,
): readonly Subscription[] {
  const orphan = (one: Subscription) =>
    one.disconnectTime === undefined && !alive.has(one.controlPlaneInstanceId);
  if (!subscriptions.some(orphan)) {
    return subscriptions;
  }
  const disconnectTime = new Date(now).toISOString();
  return subscriptions.map((one) => (orphan(one) ? { ...one, disconnectTime } : one));
}

/**
 * Closes what dead relays left open, and deletes the Dataplanes of one mesh whose proxies were offline for too long
 * (Kuma: `KUMA_RUNTIME_UNIVERSAL_DATAPLANE_CLEANUP_AGE`). Dataplanes that never connected are their owner's, and stay.
 */
export async function cleanUpDataplanes(
  deps: CleanUpDeps,
  tenant: TenantId,
  mesh: string,
  now: number,
): Promise<CleanUpResult> {
  const alive = new Set((await deps.leases.list()).map(({ relay }) => relay));
  const { records } = await deps.insights.read(tenant, mesh);
  const digests = [...records.values()].map(digestOf);
  const orphans = digests.filter(({ openAt }) => openAt.some((relay) => !alive.has(relay)));
  await Promise.all(
    orphans.map(({ name }) =>
      deps.insights.update(
        tenant,
        mesh,
        name,
        (current) =>
          current && { ...current, subscriptions: closeOrphans(current.subscriptions, alive, now) },
      ),
    ),
  );
  let deleted = 0;
  for (const { name, openAt, lastDisconnected: since } of digests) {
    const isOld = openAt.length === 0 && since !== undefined && now - since >= deps.cleanUpAgeMs;
    if (isOld && (await remove(deps, tenant, mesh, name))) {
      deleted += 1;
      deps.logger.info('a Dataplane was deleted because its proxy was offline for too long', {
        tenant,
        mesh,
        name,
        offlineSince: new Date(since).toISOString(),
      });
    }
  }
  return { closed: orphans.length, deleted };
}

/** Deletes Dataplane and insight, unless the proxy came back in between: then the resource has another version. */
async function remove(deps: CleanUpDeps, tenant: TenantId, mesh: string, name: string): Promise<boolean> {
  const key = { type: 'Dataplane', mesh, name };
  const dataplane = await deps.resources.get(tenant, key);
  const latest = await deps.insights.get(tenant, mesh, name);
  if (latest?.subscriptions.some(({ disconnectTime }) => disconnectTime === undefined)) {
    return false;
  }
  try {
    if (dataplane !== undefined) {
      const change: Change = { kind: 'delete', key, expect: { version: dataplane.version } };
      await deps.resources.commit(tenant, [change], jobAuthor);
    }
  } catch (error) {
    if (isKumulusError(error, 'conflict') || isKumulusError(error, 'not_found')) {
      return false;
    }
    throw error;
  }
  await deps.insights.delete(tenant, mesh, name);
  return dataplane !== undefined;
}
