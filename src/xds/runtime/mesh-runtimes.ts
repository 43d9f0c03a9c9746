import { noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import type { TenantId } from '../../model/tenant.ts';
import { createFairGate } from './fair-gate.ts';
import { createFairScheduler } from './fair-scheduler.ts';
import type { HeldScope } from './head-check.ts';
import { createMeshRuntime, type MeshRuntime, type MeshRuntimeDeps } from './mesh-runtime.ts';

/** The meshes that this relay holds: loaded when the first proxy comes, let go some time after the last one went. */
export interface MeshRuntimes {
  /** Loads the mesh where it is not held yet; many callers at once wait for one load. */
  get(tenant: TenantId, mesh: string): Promise<MeshRuntime>;
  /** Tells a mesh that it has moved to a revision; gives back whether it is held. */
  hint(tenant: TenantId, mesh: string, revision: number): boolean;
  /** Whether it would be news that a mesh that is held and loaded has moved to a revision. */
  isNews(tenant: TenantId, mesh: string, revision: number): boolean;
  /** The meshes that are loaded, for the check of their heads. */
  held(): readonly HeldScope[];
  readonly size: number;
  stop(): void;
}

export interface MeshRuntimesDeps
  extends Omit<MeshRuntimeDeps, 'tenant' | 'mesh' | 'scheduler' | 'reads' | 'telemetry'> {
  /** Hears what happens; nobody does where it is absent. */
  readonly telemetry?: Telemetry;
  /** How long a mesh without proxies is kept, in milliseconds; 60,000 unless told. */
  readonly keepMs?: number;
  /** How many are kept that there are not: names are for anybody to ask for; 1,000 unless told. */
  readonly maxEmpty?: number;
}

interface Entry {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly loading: Promise<MeshRuntime>;
  runtime?: MeshRuntime;
  /** When it was last asked for: a proxy that is just being let in has not joined yet. */
  used: number;
  /** The newest revision that was heard of while it was being loaded. */
  heard: number;
}

/** Within this time whoever asked for a mesh has joined it or turned away, in milliseconds. */
const beingUsedMs = 2_000;

/** Holds meshes. */
export function createMeshRuntimes(deps: MeshRuntimesDeps): MeshRuntimes {
  const { keepMs = 60_000, maxEmpty = 1_000, telemetry = noTelemetry } = deps;
  const shared = {
    ...deps,
    telemetry,
    scheduler: createFairScheduler({ telemetry }),
    reads: createFairGate({ telemetry }),
  };
  const held = new Map<string, Entry>();
  /** Of those held, the ones that were empty when they were loaded, the oldest first. */
  const empty = new Set<string>();
  const keyOf = (tenant: TenantId, mesh: string) => `${tenant}/${mesh}`;

  const drop = (key: string) => {
    held.get(key)?.runtime?.stop();
    held.delete(key);
    empty.delete(key);
  };

  const boundEmpty = () => {
    for (const key of empty) {
      const entry = held.get(key);
      const isNew = entry !== undefined && performance.now() - entry.used < beingUsedMs;
      if (empty.size <= maxEmpty || isNew) {
        return;
      }
      // Somebody may have made it meanwhile, and proxies may have come.
      if (entry?.runtime?.size === 0) {
        drop(key);
      } else {
        empty.delete(key);
      }
    }
  };

  const sweep = setInterval(() => {
    for (const [key, { runtime, used }] of held) {
      if (runtime?.size === 0 && performance.now() - used > keepMs) {
        drop(key);
      }
    }
  }, keepMs);
  sweep.unref();

  return {
    get(tenant, mesh) {
      const key = keyOf(tenant, mesh);
      const known = held.get(key);
      if (known !== undefined) {
        known.used = performance.now();
        return known.loading;
      }
      const entry: Entry = {
        tenant,
        mesh,
        used: performance.now(),
        heard: 0,
        loading: createMeshRuntime({ ...shared, tenant, mesh }).then(
          (runtime) => {
            entry.runtime = runtime;
            runtime.hint(entry.heard);
            if (runtime.now.context.resources.size === 0) {
              empty.add(key);
              boundEmpty();
            }
            return runtime;
          },
          (error: unknown) => {
            held.delete(key);
            throw error;
          },
        ),
      };
      held.set(key, entry);
      return entry.loading;
    },
    hint(tenant, mesh, revision) {
      const entry = held.get(keyOf(tenant, mesh));
      if (entry === undefined) {
        return false;
      }
      entry.heard = Math.max(entry.heard, revision);
      entry.runtime?.hint(revision);
      return true;
    },
    isNews: (tenant, mesh, revision) =>
      revision > (held.get(keyOf(tenant, mesh))?.runtime?.heard ?? Number.POSITIVE_INFINITY),
    held: () => [...held.values()].flatMap((entry) => heldScope(entry, telemetry)),
    get size() {
      return held.size;
    },
    stop() {
      clearInterval(sweep);
      for (const { runtime } of held.values()) {
        runtime?.stop();
      }
      shared.scheduler.stop();
      shared.reads.stop();
    },
  };
}

/** What the check of the heads does with a mesh, once it is loaded. */
function heldScope({ tenant, mesh, runtime }: Entry, telemetry: Telemetry): readonly HeldScope[] {
  if (runtime === undefined) {
    return [];
  }
  const headSeen = (revision: number) => {
    if (revision > runtime.heard) {
      telemetry.hintMissed();
      runtime.hint(revision);
    } else if (revision === 0 && runtime.now.context.revision > 0) {
      // All of the tenant is gone, and with it the log that would say so.
      runtime.look();
    }
  };
  return [{ tenant, mesh, headSeen }];
}
