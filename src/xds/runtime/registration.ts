import type { MeshContext } from '../../context/mesh-context.ts';
import { type Author, relayAuthor } from '../../model/author.ts';
import { isKumulusError, KumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { Resource } from '../../model/resource.ts';
import type { Telemetry } from '../../model/telemetry.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Insight, Insights } from '../../store/insights.ts';
import type { Change, ResourceDraft, ResourceStore } from '../../store/resource-store.ts';
import type { MeshNow, MeshRuntime } from './mesh-runtime.ts';
import type { TableReach } from './table-reach.ts';

export interface RegistrationDeps {
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly logger: Logger;
  /** The relay's instance id. */
  readonly relay: string;
  readonly telemetry: Pick<Telemetry, 'registered'>;
  /** Lets nobody wait for a table that was just found gone. */
  readonly reach: TableReach;
}

/** How often a registration is tried again when somebody else writes the same Dataplane at the same time. */
const attempts = 5;

function same(draft: ResourceDraft, existing: Resource): boolean {
  return JSON.stringify([draft.labels, draft.spec]) === JSON.stringify([existing.labels, existing.spec]);
}

/** Commits one change and tells how that went. Gives back the revision that the mesh has reached. */
async function write(
  deps: RegistrationDeps,
  tenant: TenantId,
  mesh: string,
  change: Change,
  author: Author,
): Promise<number> {
  const start = performance.now();
  try {
    const { revisions } = await deps.resources.commit(tenant, [change], author);
    deps.telemetry.registered(1, performance.now() - start, 'ok');
    return revisions.get(mesh) ?? 0;
  } catch (error) {
    const outcome = isKumulusError(error) ? error.code : 'internal';
    deps.telemetry.registered(1, performance.now() - start, outcome);
    throw error;
  }
}

/**
 * Writes the Dataplane that a proxy brings along (the direct lifecycle), unless the very same is there, so that a
 * fleet that reconnects writes nothing. Resolves with a state of the mesh that holds it.
 *
 * @param author whom it is put down to.
 * @param announce called before a Dataplane is written where there is none, so that it is known to be the relay's to look
 *   after even if the relay dies in between.
 * @param draftFor makes the draft, given the Dataplane that it would replace.
 * @throws KumulusError what `draftFor` throws, and `unavailable` where others kept writing the same Dataplane.
 */
export async function register(
  deps: RegistrationDeps,
  tenant: TenantId,
  runtime: MeshRuntime,
  name: string,
  author: Author,
  announce: () => Promise<void>,
  draftFor: (existing: Resource | undefined, context: MeshContext) => Promise<ResourceDraft>,
): Promise<MeshNow> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { now } = runtime;
    const { context } = now;
    const existing = context.resources.get('Dataplane')?.get(name);
    const draft = await draftFor(existing, context);
    if (existing !== undefined && same(draft, existing)) {
      return now;
    }
    try {
      const change: Change = {
        kind: 'put',
        draft,
        expect: existing === undefined ? { absent: true } : { version: existing.version },
      };
      const revision = await deps.reach.run(`${tenant}/${draft.mesh}`, async () => {
        if (existing === undefined) {
          await announce();
        }
        return write(deps, tenant, draft.mesh, change, author);
      });
      return await runtime.reach(revision);
    } catch (error) {
      if (!isKumulusError(error, 'conflict')) {
        throw error;
      }
      const { revision } = await deps.resources.head(tenant, draft.mesh);
      await runtime.reach(revision);
    }
  }
  throw new KumulusError(
    'unavailable',
    `Dataplane ${JSON.stringify(name)} is being changed by others, try again`,
    { retryAfterSeconds: 1 },
  );
}

/**
 * Deletes the Dataplanes of proxies of one mesh that went and did not come back, here or at another relay, all by one
 * commit where they fit into one.
 */
export async function deregister(
  deps: RegistrationDeps,
  tenant: TenantId,
  mesh: string,
  names: readonly string[],
): Promise<void> {
  const keys = names.map((name) => ({ type: 'Dataplane', mesh, name }));
  // In this order: who changes its Dataplane and comes back after the first read makes the deletion fail.
  const found = await deps.resources.pick(tenant, mesh, keys);
  const insights = await deps.insights.pick(tenant, mesh, names);
  await Promise.all(
    found.map(async (existing) => {
      if (existing !== undefined && hasGone(insights.get(existing.name), deps.relay)) {
        await removeDataplane(deps, tenant, existing);
      }
    }),
  );
}

/** Whether no stream of the proxy is open, and the last one was this relay's. */
function hasGone(insight: Insight | undefined, relay: string): boolean {
  const subscriptions = insight?.subscriptions ?? [];
  const last = subscriptions.at(-1);
  const isOpen = subscriptions.some(({ disconnectTime }) => disconnectTime === undefined);
  return !isOpen && (last === undefined || last.controlPlaneInstanceId === relay);
}

async function removeDataplane(
  deps: RegistrationDeps,
  tenant: TenantId,
  { type, mesh, name, version }: Resource,
): Promise<void> {
  try {
    const change: Change = { kind: 'delete', key: { type, mesh, name }, expect: { version } };
    await deps.resources.commit(tenant, [change], relayAuthor);
  } catch (error) {
    if (isKumulusError(error, 'conflict') || isKumulusError(error, 'not_found')) {
      return;
    }
    throw error;
  }
  await deps.insights.delete(tenant, mesh, name);
  deps.logger.info('the Dataplane of a proxy that went was deleted', { tenant, mesh, name });
}
