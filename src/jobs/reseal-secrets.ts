import { systemAuthor } from '../model/author.ts';
import { isKumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';

export interface ResealDeps {
  readonly resources: Pick<ResourceStore, 'load' | 'commit'>;
  /** Whether resources of the type are sealed. */
  isSecret(type: string): boolean;
}

/** Secrets of one commit: their log entry has the texts of all. */
const atOnce = 20;
const attempts = 5;

function rewritten({ type, mesh, name, labels, spec, version }: Resource): Change {
  return { kind: 'put', draft: { type, mesh, name, labels, spec }, expect: { version } };
}

/**
 * Writes every secret of a tenant as it is, which seals it under the newest master key. It may be interrupted and done
 * again, also twice at once. What others write meanwhile is left as they wrote it.
 *
 * @returns how many were written.
 * @throws KumulusError `conflict` where others kept being faster, and what the store throws.
 */
export async function resealSecrets({ resources, isSecret }: ResealDeps, tenant: TenantId): Promise<number> {
  async function scope(mesh: string): Promise<number> {
    const done = new Set<string>();
    for (let attempt = 1; ; attempt += 1) {
      const { resources: held } = await resources.load(tenant, mesh);
      const left = held.filter(({ type, name }) => isSecret(type) && !done.has(`${type}/${name}`));
      try {
        for (let start = 0; start < left.length; start += atOnce) {
          const some = left.slice(start, start + atOnce);
          await resources.commit(tenant, some.map(rewritten), systemAuthor);
          for (const { type, name } of some) {
            done.add(`${type}/${name}`);
          }
        }
        return done.size;
      } catch (error) {
        const isOvertaken = isKumulusError(error, 'conflict') || isKumulusError(error, 'not_found');
        if (!isOvertaken || attempt === attempts) {
          throw error;
        }
      }
    }
  }

  const beside = await resources.load(tenant, '');
  const meshes = beside.resources.filter(({ type }) => type === 'Mesh').map(({ name }) => name);
  let count = 0;
  for (const mesh of ['', ...meshes]) {
    count += await scope(mesh);
  }
  return count;
}
