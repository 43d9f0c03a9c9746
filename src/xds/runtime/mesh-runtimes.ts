import type { TenantId } from '../../model/tenant.ts';
import { createMeshRuntime, type MeshRuntime, type MeshRuntimeDeps } from './mesh-runtime.ts';

/** The meshes that this relay holds: loaded when the first proxy comes, let go some time after the last one went. */
export interface MeshRuntimes {
  /** Loads the mesh where it is not held yet; many callers at once wait for one load. */
  get(tenant: TenantId, mesh: string): Promise<MeshRuntime>;
  /** Tells a mesh that it has moved, where it is held. */
  hint(tenant: TenantId, mesh: string): void;
  /** Tells all meshes, as the check of the heads does. */
  hintAll(): void;
  stop(): void;
}

export interface MeshRuntimesDeps extends Omit<MeshRuntimeDeps, 'tenant' | 'mesh'> {
  /** How long a mesh without proxies is kept, in milliseconds; 60,000 unless told. */
  readonly keepMs?: number;
}

interface Entry {
  readonly loading: Promise<MeshRuntime>;
  runtime?: MeshRuntime;
  /** When it was last asked for: a proxy that is just being let in has not joined yet. */
  used: number;
}

/** Holds meshes. */
export function createMeshRuntimes(deps: MeshRuntimesDeps): MeshRuntimes {
  const keepMs = deps.keepMs ?? 60_000;
  const held = new Map<string, Entry>();
  const keyOf = (tenant: TenantId, mesh: string) => `${tenant}/${mesh}`;

  const sweep = setInterval(() => {
    for (const [key, { runtime, used }] of held) {
      if (runtime?.size === 0 && performance.now() - used > keepMs) {
        runtime.stop();
        held.delete(key);
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
        used: performance.now(),
        loading: createMeshRuntime({ ...deps, tenant, mesh }).then(
          (runtime) => {
            entry.runtime = runtime;
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
    hint(tenant, mesh) {
      held.get(keyOf(tenant, mesh))?.runtime?.hint();
    },
    hintAll() {
      for (const { runtime } of held.values()) {
        runtime?.hint();
      }
    },
    stop() {
      clearInterval(sweep);
      for (const { runtime } of held.values()) {
        runtime?.stop();
      }
    },
  };
}
