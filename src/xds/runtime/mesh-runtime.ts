import type { Compiler } from '../../compile/compiler.ts';
import { applyEntries, contextOf } from '../../context/apply.ts';
import type { ContextChanges, MeshContext } from '../../context/mesh-context.ts';
import type { Logger } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import { meshSchema } from '../../model/types/mesh.ts';
import type { Insights } from '../../store/insights.ts';
import type { ResourceStore } from '../../store/resource-store.ts';
import { createCoalescer } from './coalesce.ts';
import { authorityOf, type MeshAuthority } from './identities.ts';
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
  /** What all its proxies share: equal resources are encoded once. */
  readonly compiler: Compiler;
  /** The mesh has moved, or may have. */
  hint(): void;
  /** Resolves once the context holds the revision. */
  reach(revision: number): Promise<MeshNow>;
  join(member: MeshMember): void;
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
  readonly logger: Logger;
}

/** How many members are told before timers and sockets get their turn. */
const membersAtOnce = 64;

/**
 * The longest that members wait for news while a mesh keeps changing, in milliseconds. A single change is told at once;
 * a fleet that starts up is told in steps, for each step costs every proxy that it touches a response.
 */
const maxSpreadMs = 1_000;

/** How often a mesh whose authority is PERMISSIVE looks who holds certificates by now, in milliseconds. */
const readinessMs = 10_000;

function isPermissive(context: MeshContext, backend: string): boolean {
  const mesh = meshSchema.parse(context.resources.get('Mesh')?.get(context.mesh)?.spec);
  return mesh.mtls?.backends?.find(({ name }) => name === backend)?.mode === 'PERMISSIVE';
}

const nothing: ContextChanges = { dataplanes: new Set(), services: new Set(), types: new Map() };

function merge(a: ContextChanges, b: ContextChanges): ContextChanges {
  const types = new Map(a.types);
  for (const [type, versions] of b.types) {
    types.set(type, new Set([...(types.get(type) ?? []), ...versions]));
  }
  return {
    dataplanes: new Set([...a.dataplanes, ...b.dataplanes]),
    services: new Set([...a.services, ...b.services]),
    types,
  };
}

/** Types whose changes can change the authority. */
const authorityTypes = ['Mesh', 'Secret'];

/** Loads a mesh and follows it. */
export async function createMeshRuntime(deps: MeshRuntimeDeps): Promise<MeshRuntime> {
  const { tenant, mesh, resources, logger } = deps;
  const members = new Set<MeshMember>();
  const waiting = new Set<{ readonly revision: number; readonly resolve: (state: MeshNow) => void }>();

  /** A mesh without a usable authority is served without identities, and so without traffic, rather than without news. */
  const authorityFor = (context: MeshContext, previous: MeshAuthority | undefined) => {
    try {
      return authorityOf(context, previous);
    } catch (error) {
      logger.error('the authority of the mesh cannot be used', { tenant, mesh, error: String(error) });
      return undefined;
    }
  };

  const load = async (previous: MeshAuthority | undefined): Promise<MeshNow> => {
    const context = contextOf(mesh, await resources.load(tenant, mesh));
    return { context, authority: authorityFor(context, previous) };
  };

  let now = await load(undefined);

  /** What members have not been told of yet; undefined where anything may have changed. */
  let untold: ContextChanges | undefined = nothing;

  const tell = async () => {
    const state = now;
    const changes = untold;
    untold = nothing;
    let count = 0;
    for (const member of [...members]) {
      if (members.has(member) && (changes === undefined || member.isTouchedBy(changes))) {
        member.update(state, changes);
        count += 1;
        if (count % membersAtOnce === 0) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
  };

  const onError = (error: unknown) =>
    logger.error('the mesh cannot be followed, proxies keep what they have', {
      tenant,
      mesh,
      error: String(error),
    });
  const spread = createCoalescer(tell, { maxRestMs: maxSpreadMs, onError });

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

  const move = (next: MeshNow, changes: ContextChanges | undefined) => {
    now = next;
    untold = untold && changes && merge(untold, changes);
    for (const waiter of waiting) {
      if (next.context.revision >= waiter.revision) {
        waiting.delete(waiter);
        waiter.resolve(next);
      }
    }
    spread.trigger();
  };

  const advance = async () => {
    const answer = await resources.logAfter(tenant, mesh, now.context.revision);
    if (answer.kind === 'expired') {
      logger.info('the log is gone, the mesh is loaded anew', {
        tenant,
        mesh,
        revision: now.context.revision,
      });
      move(await load(now.authority), undefined);
    } else if (answer.entries.length > 0) {
      const { context, changes } = applyEntries(now.context, answer.entries);
      const touched = authorityTypes.some((type) => changes.types.has(type));
      const authority = touched ? authorityFor(context, now.authority) : now.authority;
      // Another authority is for everybody, whoever reads what it is made from.
      move({ ...now, context, authority }, authority === now.authority ? changes : undefined);
    }
  };

  const follow = createCoalescer(advance, { onError });

  return {
    get now() {
      return now;
    },
    compiler: deps.newCompiler(),
    hint: follow.trigger,
    reach(revision) {
      if (now.context.revision >= revision) {
        return Promise.resolve(now);
      }
      const reached = new Promise<MeshNow>((resolve) => waiting.add({ revision, resolve }));
      follow.trigger();
      return reached;
    },
    join: (member) => void members.add(member),
    leave: (member) => void members.delete(member),
    get size() {
      return members.size;
    },
    stop() {
      clearInterval(readiness);
      follow.stop();
      spread.stop();
    },
  };
}
