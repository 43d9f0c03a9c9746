import { type AuthoritySources, checkProvidedAuthority } from '../certificates/mesh-authority.ts';
import { secretsOfCaBackend } from '../model/types/ca-backend.ts';
import type { CaBackend, MeshSpec } from '../model/types/mesh.ts';
import { field, index, Violations } from '../model/violations.ts';
import { secretData } from '../secrets/secret-data.ts';
import type { ResourceDraft } from '../store/resource-store.ts';
import { builtinAuthorityDrafts } from '../tenancy/mesh-drafts.ts';
import type { PendingWrite } from './write-rules.ts';

type Find = PendingWrite['find'];

/**
 * The Secrets of the built-in authorities that a changed mesh names and that are not there yet.
 *
 * @param now milliseconds since 1970.
 */
export async function missingAuthorities(
  find: Find,
  mesh: string,
  spec: MeshSpec,
  now: number,
): Promise<readonly ResourceDraft[]> {
  const builtin = (spec.mtls?.backends ?? []).filter(({ type }) => type === 'builtin');
  const names = builtin.flatMap((backend) => secretsOfCaBackend(mesh, backend));
  const found = await Promise.all(names.map((name) => find({ type: 'Secret', mesh, name })));
  const there = new Set(found.map((secret) => secret?.name));
  return builtinAuthorityDrafts(mesh, spec, now, (name) => there.has(name));
}

/** Loads the certificates and keys of a mesh's `provided` authorities and says what is wrong with them. */
export async function providedAuthorityViolations(
  find: Find,
  mesh: string,
  spec: MeshSpec,
): Promise<Violations> {
  const violations = new Violations();
  for (const [position, backend] of (spec.mtls?.backends ?? []).entries()) {
    if (backend.type === 'provided') {
      const found = checkProvidedAuthority(mesh, backend, await sourcesOf(find, mesh, backend));
      const path = field(index('mtls.backends', position), 'conf');
      for (const violation of found.list) {
        violations.add(field(path, violation.field), violation.message);
      }
    }
  }
  return violations;
}

/** The Secrets that a backend names. There is no reader of files: a tenant must not see those of the server. */
async function sourcesOf(find: Find, mesh: string, backend: CaBackend): Promise<AuthoritySources> {
  const contents = new Map<string, Uint8Array>();
  for (const name of secretsOfCaBackend(mesh, backend)) {
    const secret = await find({ type: 'Secret', mesh, name });
    if (secret !== undefined) {
      contents.set(name, secretData(secret));
    }
  }
  return { secret: (name) => contents.get(name) };
}
