import type { Compiler } from '../../compile/compiler.ts';
import { applyEntries, contextOf } from '../../context/apply.ts';
import type { ContextChanges, MeshContext } from '../../context/mesh-context.ts';
import type { Logger } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { ResourceStore } from '../../store/resource-store.ts';
import { createCoalescer } from './coalesce.ts';

/** A proxy of the mesh that is connected here. */
export interface MeshMember {
  /** Hears of each newer context. `changes` is undefined where anything may have changed. Must not throw. */
  update(context: MeshContext, changes: ContextChanges | undefined): void;
}

/**
 * One mesh as this relay holds it while proxies of it are connected: a context that follows the log, and the members
 * that are told of it.
 */
export interface MeshRuntime {
  readonly context: MeshContext;
  /** What all its proxies share: equal resources are encoded once. */
  readonly compiler: Compiler;
  /** The mesh has moved, or may have. */
  hint(): void;
  /** Resolves once the context holds the revision. */
  reach(revision: number): Promise<MeshContext>;
  join(member: MeshMember): void;
  leave(member: MeshMember): void;
  readonly size: number;
  stop(): void;
}

export interface MeshRuntimeDeps {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly resources: ResourceStore;
  readonly newCompiler: () => Compiler;
  readonly logger: Logger;
}

/** How many members are told before timers and sockets get their turn. */
const membersAtOnce = 64;

/** Loads a mesh and follows it. */
export async function createMeshRuntime(deps: MeshRuntimeDeps): Promise<MeshRuntime> {
  const { tenant, mesh, resources, logger } = deps;
  let context = contextOf(mesh, await resources.load(tenant, mesh));
  const members = new Set<MeshMember>();
  const waiting = new Set<{ revision: number; resolve: (context: MeshContext) => void }>();

  const tell = async (changes: ContextChanges | undefined) => {
    const now = context;
    for (const waiter of waiting) {
      if (now.revision >= waiter.revision) {
        waiting.delete(waiter);
        waiter.resolve(now);
      }
    }
    let count = 0;
    for (const member of [...members]) {
      if (members.has(member)) {
        member.update(now, changes);
      }
      count += 1;
      if (count % membersAtOnce === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };

  const advance = async () => {
    const answer = await resources.logAfter(tenant, mesh, context.revision);
    if (answer.kind === 'expired') {
      logger.info('the log is gone, the mesh is loaded anew', { tenant, mesh, revision: context.revision });
      context = contextOf(mesh, await resources.load(tenant, mesh));
      await tell(undefined);
    } else if (answer.entries.length > 0) {
      const step = applyEntries(context, answer.entries);
      context = step.context;
      await tell(step.changes);
    }
  };

  const follow = createCoalescer(advance, {
    onError: (error) =>
      logger.error('the mesh cannot be followed, proxies keep what they have', {
        tenant,
        mesh,
        error: String(error),
      }),
  });

  return {
    get context() {
      return context;
    },
    compiler: deps.newCompiler(),
    hint: follow.trigger,
    reach(revision) {
      if (context.revision >= revision) {
        return Promise.resolve(context);
      }
      const reached = new Promise<MeshContext>((resolve) => waiting.add({ revision, resolve }));
      follow.trigger();
      return reached;
    },
    join: (member) => void members.add(member),
    leave: (member) => void members.delete(member),
    get size() {
      return members.size;
    },
    stop: follow.stop,
  };
}
