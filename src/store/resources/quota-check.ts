import { KumulusError } from '../../model/errors.ts';
import type { CommitQuotas } from '../quotas.ts';
import type { ScopeState } from './commit-draft.ts';

/** What counts of one scope: a mesh, or what is beside the meshes. */
export interface Counted {
  readonly dataplanes: number;
  readonly resources: number;
}

/** What a group of commits is held against. */
export interface QuotaView {
  readonly quotas: CommitQuotas;
  /** What the scopes hold that the group does not touch, what is being written to them included. */
  readonly others: Counted;
}

export const nothingCounted: Counted = { dataplanes: 0, resources: 0 };

/** Counts a scope by its head. A `Mesh` is in two heads and counts once, beside the meshes. */
export function counted(scope: string, counts: Readonly<Record<string, number>>): Counted {
  const { Dataplane: dataplanes = 0, Mesh: meshes = 0 } = counts;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { dataplanes, resources: scope === '' ? all : all - meshes };
}

export function plus(a: Counted, b: Counted): Counted {
  return { dataplanes: a.dataplanes + b.dataplanes, resources: a.resources + b.resources };
}

/** What scopes hold together. */
export function countedIn(scopes: ReadonlyMap<string, Pick<ScopeState, 'counts'>>): Counted {
  return [...scopes].reduce((sum, [scope, { counts }]) => plus(sum, counted(scope, counts)), nothingCounted);
}

/** What a group of commits adds; below zero where it takes away. */
export function growth(
  before: ReadonlyMap<string, Pick<ScopeState, 'counts'>>,
  after: ReadonlyMap<string, Pick<ScopeState, 'counts'>>,
): Counted {
  const [was, is] = [countedIn(before), countedIn(after)];
  return { dataplanes: is.dataplanes - was.dataplanes, resources: is.resources - was.resources };
}

/** Quotas are for their operator to raise and for their tenant to make room in; neither is a matter of seconds. */
const retryAfterSeconds = 60;

/**
 * Holds a commit against the quotas. One that adds nothing is never refused, so that a tenant that is over its quota can
 * still change and delete.
 *
 * @param before the scopes as the commit finds them, `after` as it leaves them.
 * @throws KumulusError `too_many_requests`
 */
export function requireQuotas(
  { quotas, others }: QuotaView,
  before: ReadonlyMap<string, ScopeState>,
  after: ReadonlyMap<string, ScopeState>,
): void {
  const [was, is] = [countedIn(before), countedIn(after)];
  requireQuota('meshes', quotas.meshes, meshesIn(before), meshesIn(after));
  requireQuota(
    'dataplanes',
    quotas.dataplanes,
    others.dataplanes + was.dataplanes,
    others.dataplanes + is.dataplanes,
  );
  requireQuota(
    'resources',
    quotas.resources,
    others.resources + was.resources,
    others.resources + is.resources,
  );
}

function meshesIn(scopes: ReadonlyMap<string, ScopeState>): number {
  return scopes.get('')?.counts.Mesh ?? 0;
}

function requireQuota(what: string, limit: number | null, before: number, after: number): void {
  if (limit !== null && after > before && after > limit) {
    throw new KumulusError(
      'too_many_requests',
      `the quota is ${limit} ${what}, this would make it ${after}`,
      {
        retryAfterSeconds,
      },
    );
  }
}
