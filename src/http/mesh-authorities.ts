import {
  type AuthoritySources,
  checkProvidedAuthority,
  createBuiltinAuthority,
} from '../certificates/mesh-authority.ts';
import type { TenantId } from '../model/tenant.ts';
import { builtinCaSecretNames } from '../model/types/ca-backend.ts';
import type { CaBackend, MeshSpec } from '../model/types/mesh.ts';
import { field, index, Violations } from '../model/violations.ts';
import { secretData, secretSpec } from '../secrets/secret-data.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';

async function createBuiltin(mesh: string, backend: CaBackend, now: number): Promise<readonly Change[]> {
  const pair = await createBuiltinAuthority(mesh, backend, now);
  const names = builtinCaSecretNames(mesh, backend.name ?? '');
  return [[names.cert, pair.certificate] as const, [names.key, pair.key.reveal()] as const].map(
    ([name, contents]) => ({
      kind: 'put',
      draft: { type: 'Secret', mesh, name, labels: {}, spec: secretSpec(contents) },
    }),
  );
}

/**
 * The built-in authorities that a mesh names and that are not there yet, as Secrets to be committed with it.
 *
 * @param now milliseconds since 1970.
 */
export async function missingAuthorities(
  resources: ResourceStore,
  tenant: TenantId,
  mesh: string,
  spec: MeshSpec,
  isNew: boolean,
  now: number,
): Promise<readonly Change[]> {
  const isThere = async (name: string) =>
    !isNew && (await resources.get(tenant, { type: 'Secret', mesh, name })) !== undefined;
  const builtin = (spec.mtls?.backends ?? []).filter(({ type }) => type === 'builtin');
  const changes = builtin.map(async (backend) => {
    const { cert, key } = builtinCaSecretNames(mesh, backend.name ?? '');
    const there = await Promise.all([isThere(cert), isThere(key)]);
    return there.every(Boolean) ? [] : createBuiltin(mesh, backend, now);
  });
  return (await Promise.all(changes)).flat();
}

/** Loads the certificates and keys of a mesh's `provided` authorities and says what is wrong with them. */
export async function providedAuthorityViolations(
  resources: ResourceStore,
  tenant: TenantId,
  mesh: string,
  spec: MeshSpec,
): Promise<Violations> {
  // Without a reader of files: a tenant must not see those of the machine that serves it.
  const sources: AuthoritySources = {
    async secret(name) {
      const secret = await resources.get(tenant, { type: 'Secret', mesh, name });
      return secret && secretData(secret);
    },
  };
  const violations = new Violations();
  for (const [position, backend] of (spec.mtls?.backends ?? []).entries()) {
    if (backend.type === 'provided') {
      const found = await checkProvidedAuthority(mesh, backend, sources);
      const path = field(index('mtls.backends', position), 'conf');
      for (const violation of found.list) {
        violations.add(field(path, violation.field), violation.message);
      }
    }
  }
  return violations;
}
