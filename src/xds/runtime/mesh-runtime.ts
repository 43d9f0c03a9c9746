import type { Compiler } from '../../compile/compiler.ts';
import { applyEntries, contextOf } from '../../context/apply.ts';
import type { ContextChanges, MeshContext } from '../../context/mesh-context.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock, Logger } from '../../model/ports.ts';
import type { Telemetry } from '../../model/telemetry.ts';
import type { TenantId } from '../../model/tenant.ts';
import { meshSchema } from '../../model/types/mesh.ts';
import type { Insights } from '../../store/insights.ts';
import type { LogEntry, ResourceStore } from '../../store/resource-store.ts';
import { createCoalescer } from './coalesce.ts';
import { createCommitTimes } from './commit-times.ts';
import type { FairGate } from './fair-gate.ts';
import type { FairScheduler } from './fair-scheduler.ts';
import { authorityOf, type MeshAuthority } from './identities.ts';
import { createInTurn, type InTurn } from './in-turn.ts';
import { createMeshMembers } from './mesh-members.ts';
import { sameServices, tlsReadyServices } from './tls-readiness.ts';

/** What proxies are configured from: the mesh at one revision and the authority that it had enabled then. */
export interface MeshNow {
  readonly context: MeshContext;
  readonly authority: MeshAuthority | undefined;
  /** See {@link tlsReadyServices}; looked at while the authority is PERMISSIVE. */
  readonly tlsReady?: ReadonlySet<string>;
}

/** A proxy of the mesh that is connected here. */
export interface MeshMember {
  /** Whether anything that it depends on is among the changes. */
  isTouchedBy(changes: ContextChanges): boolean;
  /** Hears of each newer state. `changes` is undefined where anything may have changed. Must not throw. */
  update(state: MeshNow, changes: ContextChanges | undefined): void;
}

/**
 * One mesh as this relay holds it while proxies of it are connected: a context that follows the log, and the members
 * that are told of it.
 */
export interface MeshRuntime {
  readonly now: MeshNow;
  /** The revision that all members were told of, as far as it touches them. */
  readonly told: number;
  /** When the oldest change after {@link told} was committed, in milliseconds since 1970; undefined where there is none. */
  readonly untoldSince: number | undefined;
  /** What all its proxies share: equal resources are encoded once. */
  readonly compiler: Compiler;
  /** The mesh has moved to this revision. What was known before costs nothing, so it may be said twice or too late. */
  hint(revision: number): void;
  /** The mesh may have moved, even to where there is none any more. */
  look(): void;
  /** The newest revision that was heard of. */
  readonly heard: number;
  /**
   * Resolves once the context holds the revision.
   *
   * @throws KumulusError `unavailable` where the mesh cannot be read now, or is not held any more.
   */
  reach(revision: number): Promise<MeshNow>;
  /**
   * Does work for the mesh when it is its turn, so that other meshes get theirs. It waits for nothing.
   *
   * @throws KumulusError `unavailable` where the mesh is not held any more, and what the work throws.
   */
  readonly inTurn: InTurn;
  /** @param has The state that the member has already; it is told of newer ones. */
  join(member: MeshMember, has?: MeshNow): void;
  leave(member: MeshMember): void;
  readonly size: number;
  stop(): void;
}

export interface MeshRuntimeDeps {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly newCompiler: () => Compiler;
  /** Shares the event loop out between meshes. */
  readonly scheduler: FairScheduler;
  /** Shares reads of the store out between meshes. */
  readonly reads: FairGate;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'compiled' | 'changeSeen' | 'meshLoaded'>;
  /** Hears when {@link MeshRuntime.told} has moved. */
  readonly onTold?: (tenant: TenantId, mesh: string, revision: number) => void;
  readonly logger: Logger;
}

/** Entries of the log that are read at once. Of a long log, other meshes get their turn between two pages. */
const entriesAtOnce = 100;

/** How often a mesh whose authority is PERMISSIVE looks who holds certificates by now, in milliseconds. */
const readinessMs = 10_000;

function isPermissive(context: MeshContext, backend: string): boolean {
  const mesh = meshSchema.parse(context.resources.get('Mesh')?.get(context.mesh)?.spec);
  return mesh.mtls?.backends?.find(({ name }) => name === backend)?.mode === 'PERMISSIVE';
}

/** Types whose changes can change the authority. */
const authorityTypes = ['Mesh', 'Secret'];

interface Waiter {
  readonly revision: number;
  resolve(state: MeshNow): void;
  reject(error: unknown): void;
}

/** Loads a mesh and follows it. */
export async function createMeshRuntime(deps: MeshRuntimeDeps): Promise<MeshRuntime> {
  const { tenant, mesh, resources, reads, clock, telemetry, logger } = deps;
  const waiting = new Set<Waiter>();

  /** A mesh without a usable authority is served without identities, and so without traffic, rather than without news. */
  const authorityFor = (context: MeshContext, previous: MeshAuthority | undefined) => {
    try {
      return authorityOf(context, previous);
    } catch (error) {
      logger.error('the authority of the mesh cannot be used', { tenant, mesh, error });
      return undefined;
    }
  };

  const load = async (previous: MeshAuthority | undefined): Promise<MeshNow> => {
    const start = performance.now();
    const context = contextOf(mesh, await reads.run(tenant, () => resources.load(tenant, mesh)));
    telemetry.meshLoaded(tenant, mesh, performance.now() - start);
    return { context, authority: authorityFor(context, previous) };
  };

  let now = await load(undefined);
  let heard = now.context.revision;
  const flow = deps.scheduler.flow(tenant);

  const refuseWaiters = (message: string) => {
    for (const waiter of waiting) {
      waiter.reject(new KumulusError('unavailable', message, { retryAfterSeconds: 1 }));
    }
    waiting.clear();
  };

  const onError = (error: unknown) => {
    logger.error('the mesh cannot be followed, proxies keep what they have', {
      tenant,
      mesh,
      error,
    });
    refuseWaiters('the mesh cannot be read now, try again');
  };

  const commits = createCommitTimes();
  const members = createMeshMembers({ ...deps, flow, state: now });

  const move = (next: MeshNow, changes: ContextChanges | undefined) => {
    now = next;
    heard = Math.max(heard, next.context.revision);
    members.tell(next, changes);
    for (const waiter of waiting) {
      if (next.context.revision >= waiter.revision) {
        waiting.delete(waiter);
        waiter.resolve(next);
      }
    }
  };

  const apply = (entries: readonly LogEntry[]) => {
    const { context, changes } = applyEntries(now.context, entries);
    const touched = authorityTypes.some((type) => changes.types.has(type));
    const authority = touched ? authorityFor(context, now.authority) : now.authority;
    for (const { revision, time } of entries) {
      commits.add(revision, time);
    }
    // Another authority is for everybody, whoever reads what it is made from.
    move({ ...now, context, authority }, authority === now.authority ? changes : undefined);
    for (const { time } of entries) {
      telemetry.changeSeen(tenant, mesh, clock() - time);
    }
    return true;
  };

  const advance = async () => {
    const { revision } = now.context;
    const answer = await reads.run(tenant, () => resources.logAfter(tenant, mesh, revision, entriesAtOnce));
    if (answer.kind === 'expired') {
      logger.info('the log is gone, the mesh is loaded anew', { tenant, mesh, revision });
      move(await load(now.authority), undefined);
    } else if (answer.entries.length > 0) {
      await flow.run(() => apply(answer.entries));
      if (answer.entries.length === entriesAtOnce) {
        follow.trigger();
      }
    }
  };

  const follow = createCoalescer(advance, { onError });

  const lookAtReadiness = async () => {
    const { context, authority } = now;
    const permissive = authority !== undefined && isPermissive(context, authority.backend);
    const tlsReady = permissive
      ? tlsReadyServices(context, authority.backend, await deps.insights.read(tenant, mesh))
      : undefined;
    if (!sameServices(tlsReady, now.tlsReady)) {
      const { tlsReady: _, ...rest } = now;
      move(tlsReady === undefined ? rest : { ...rest, tlsReady }, undefined);
    }
  };
  const readiness = setInterval(() => {
    if (now.tlsReady !== undefined || now.authority !== undefined) {
      lookAtReadiness().catch(onError);
    }
  }, readinessMs);
  readiness.unref();

  return {
    get now() {
      return now;
    },
    get told() {
      return members.told;
    },
    get untoldSince() {
      return commits.oldestAfter(members.told);
    },
    get heard() {
      return heard;
    },
    compiler: deps.newCompiler(),
    hint(revision) {
      heard = Math.max(heard, revision);
      if (revision > now.context.revision) {
        follow.trigger();
      }
    },
    look: follow.trigger,
    reach(revision) {
      if (now.context.revision >= revision) {
        return Promise.resolve(now);
      }
      const reached = new Promise<MeshNow>((resolve, reject) => waiting.add({ revision, resolve, reject }));
      follow.trigger();
      return reached;
    },
    inTurn: createInTurn(flow),
    join: members.join,
    leave: members.leave,
    get size() {
      return members.size;
    },
    stop() {
      clearInterval(readiness);
      follow.stop();
      members.stop();
      flow.close();
      refuseWaiters('the mesh is not held here any more, try again');
    },
  };
}
