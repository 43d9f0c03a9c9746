import { createBuiltinAuthority } from '../certificates/mesh-authority.ts';
import type { Clock } from '../model/ports.ts';
import { builtinCaSecretNames } from '../model/types/ca-backend.ts';
import type { CaBackend, MeshSpec } from '../model/types/mesh.ts';
import { defaultPolicies } from '../policies/defaults.ts';
import { secretSpec } from '../secrets/secret-data.ts';
import type { ResourceDraft } from '../store/resource-store.ts';
import { dataplaneKeys, firstSerial } from '../tokens/key-family.ts';
import type { SigningKeySource } from '../tokens/new-signing-key.ts';

export interface MeshDraftsDeps {
  readonly signingKeys: SigningKeySource;
  readonly clock: Clock;
}

/**
 * All that a new mesh starts with, to be committed together with it and after it: the key that signs its dataplane
 * tokens, its default policies, and the authorities of all `builtin` backends. Who is told that the mesh is there can
 * use it at once.
 *
 * @throws KumulusError `invalid` where a backend asks for an impossible RSA size.
 */
export async function meshDrafts(
  deps: MeshDraftsDeps,
  mesh: string,
  spec: MeshSpec,
): Promise<readonly ResourceDraft[]> {
  const [key, authorities] = await Promise.all([
    deps.signingKeys(),
    builtinAuthorityDrafts(mesh, spec, deps.clock(), () => false),
  ]);
  return [
    secretDraft('Secret', mesh, `${dataplaneKeys(mesh).prefix}-${firstSerial}`, key.reveal()),
    ...defaultPolicies(mesh, spec.skipCreatingInitialPolicies ?? []),
    ...authorities,
  ];
}

/**
 * The Secrets of the `builtin` authorities that a mesh names and that are not there yet; certificate and key are made
 * anew together where either is missing, as neither is of use without its own other.
 *
 * @param now milliseconds since 1970.
 * @param isThere whether the mesh has a Secret of that name.
 */
export async function builtinAuthorityDrafts(
  mesh: string,
  spec: MeshSpec,
  now: number,
  isThere: (secret: string) => boolean,
): Promise<readonly ResourceDraft[]> {
  const drafts = (spec.mtls?.backends ?? []).map(async (backend: CaBackend) => {
    const names = builtinCaSecretNames(mesh, backend.name ?? '');
    if (backend.type !== 'builtin' || (isThere(names.cert) && isThere(names.key))) return [];
    const { certificate, key } = await createBuiltinAuthority(mesh, backend, now);
    return [
      secretDraft('Secret', mesh, names.cert, certificate),
      secretDraft('Secret', mesh, names.key, key.reveal()),
    ];
  });
  return (await Promise.all(drafts)).flat();
}

/** A Secret, or under the empty mesh name a GlobalSecret, as the control plane writes it. */
export function secretDraft(
  type: 'Secret' | 'GlobalSecret',
  mesh: string,
  name: string,
  contents: string,
): ResourceDraft {
  return { type, mesh, name, labels: {}, spec: secretSpec(contents) };
}
