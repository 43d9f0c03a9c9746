import { systemAuthor } from '../model/author.ts';
import { isKumulusError, KumulusError } from '../model/errors.ts';
import type { Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Change, ResourceDraft, ResourceStore } from '../store/resource-store.ts';
import { type GlobalDraftsDeps, missingGlobalDrafts } from './global-drafts.ts';
import { meshDrafts } from './mesh-drafts.ts';

export interface EnsureTenantDeps extends GlobalDraftsDeps {
  readonly resources: ResourceStore;
  readonly logger: Logger;
  /** Whether a tenant without a mesh `default` gets one; true unless told (KUMA_DEFAULTS_SKIP_MESH_CREATION). */
  readonly createDefaultMesh?: boolean;
}

/** How often it is tried again when another process does the same at the same time. */
const attempts = 5;

/**
 * Makes whatever a tenant needs before it is served and does not have yet: the mesh `default` with all that a new mesh
 * has, the zone, the authorities, the signing keys and the administrator's token, all in one commit. Does nothing where
 * nothing is missing, and may be done by several processes at once: the first commit counts for all.
 *
 * @throws KumulusError `unavailable` where others kept changing the same resources.
 */
export async function ensureTenant(deps: EnsureTenantDeps, tenant: TenantId): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const drafts = await missingDrafts(deps, tenant);
    if (drafts.length === 0) return;
    const changes = drafts.map((draft): Change => ({ kind: 'put', draft, expect: { absent: true } }));
    try {
      await deps.resources.commit(tenant, changes, systemAuthor);
      deps.logger.info('a tenant got what it needs', {
        tenant,
        made: drafts.map(({ type, name }) => `${type} ${name}`),
      });
      return;
    } catch (error) {
      if (!isKumulusError(error, 'conflict')) throw error;
    }
  }
  throw new KumulusError('unavailable', 'the tenant is being made by others, try again', {
    retryAfterSeconds: 1,
  });
}

async function missingDrafts(deps: EnsureTenantDeps, tenant: TenantId): Promise<readonly ResourceDraft[]> {
  const { resources: existing } = await deps.resources.load(tenant, '');
  const lacksMesh = !existing.some(({ type, name }) => type === 'Mesh' && name === defaultMesh);
  const [global, inMesh] = await Promise.all([
    missingGlobalDrafts(deps, tenant, existing),
    lacksMesh && deps.createDefaultMesh !== false ? meshDrafts(deps, defaultMesh, {}) : [],
  ]);
  if (inMesh.length === 0) return global;
  return [...global, { type: 'Mesh', mesh: '', name: defaultMesh, labels: {}, spec: {} }, ...inMesh];
}

/** The mesh that every control plane of Kuma's starts with. */
export const defaultMesh = 'default';
