import { jobAuthor } from '../model/author.ts';
import { isKumulusError } from '../model/errors.ts';
import type { Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Insight, Insights, Subscription } from '../store/insights.ts';
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

/** When a proxy was last seen, in milliseconds since 1970; undefined while it is connected. */
function offlineSince(subscriptions: readonly Subscription[]): number | undefined {
  let last = 0;
  for (const { disconnectTime } of subscriptions) {
    if (disconnectTime === undefined) {
      return undefined;
    }
    last = Math.max(last, Date.parse(disconnectTime));
  }
  return subscriptions.length === 0 ? undefined : last;
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
  let closed = 0;
  let deleted = 0;
  for (const insight of await deps.insights.list(tenant, mesh)) {
    const subscriptions = closeOrphans(insight.subscriptions, alive, now);
    if (subscriptions !== insight.subscriptions) {
      closed += 1;
      await deps.insights.update(
        tenant,
        mesh,
        insight.name,
        (current) =>
          current && { ...current, subscriptions: closeOrphans(current.subscriptions, alive, now) },
      );
    }
    const since = offlineSince(subscriptions);
    if (since !== undefined && now - since >= deps.cleanUpAgeMs && (await remove(deps, tenant, insight))) {
      deleted += 1;
      deps.logger.info('a Dataplane was deleted because its proxy was offline for too long', {
        tenant,
        mesh,
        name: insight.name,
        offlineSince: new Date(since).toISOString(),
      });
    }
  }
  return { closed, deleted };
}

/** Deletes Dataplane and insight, unless the proxy came back in between: then the resource has another version. */
async function remove(deps: CleanUpDeps, tenant: TenantId, insight: Insight): Promise<boolean> {
  const key = { type: 'Dataplane', mesh: insight.mesh, name: insight.name };
  const dataplane = await deps.resources.get(tenant, key);
  const latest = await deps.insights.get(tenant, insight.mesh, insight.name);
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
  await deps.insights.delete(tenant, insight.mesh, insight.name);
  return dataplane !== undefined;
}
