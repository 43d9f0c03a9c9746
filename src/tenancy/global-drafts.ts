import { createAdminAuthority } from '../certificates/admin.ts';
import { createAuthority, defaultAuthorityLifetime } from '../certificates/authority.ts';
import type { Clock, IdSource } from '../model/ports.ts';
import type { Resource } from '../model/resource.ts';
import type { TenantId } from '../model/tenant.ts';
import { adminRole } from '../model/types/access-role/validate.ts';
import { type SecretReader, secretView } from '../secrets/secret-data.ts';
import type { ResourceDraft } from '../store/resource-store.ts';
import { firstSerial, type KeyFamily, serialOf, userKeys, zoneKeys } from '../tokens/key-family.ts';
import type { SigningKeySource } from '../tokens/new-signing-key.ts';
import { createTokens } from '../tokens/tokens.ts';
import { accessDrafts, type InitialAccess } from './access-drafts.ts';
import { hostnameGenerators } from './hostname-generators.ts';
import { secretDraft } from './mesh-drafts.ts';

/** The GlobalSecret that holds the "Envoy Admin CA": its certificate, then its key, in PEM. */
export const adminAuthoritySecret = 'envoy-admin-ca';
/** The GlobalSecret that holds a token of the administrator. */
export const adminTokenSecret = 'admin-user-token';
/** The GlobalSecret by which Kuma's control planes trust one another; it is made for those who expect to find it. */
export const interCpAuthoritySecret = 'inter-cp-ca';

export interface GlobalDraftsDeps {
  readonly signingKeys: SigningKeySource;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** The name of the zone that the control plane is. */
  readonly zone: string;
  /** Who may do what at first; `closed` unless told. */
  readonly access?: InitialAccess;
}

/** Kuma's life of the administrator's token: ten years of 365 days, in nanoseconds. */
const adminTokenLife = 10n * 365n * 24n * 3_600n * 1_000_000_000n;

/**
 * What a tenant has beside its meshes, and of that what is missing among the `existing` resources of global scope: its
 * zone, the generators of host names, roles and who has them, authorities, signing keys and the administrator's token.
 */
export async function missingGlobalDrafts(
  deps: GlobalDraftsDeps,
  tenant: TenantId,
  existing: readonly Resource[],
): Promise<readonly ResourceDraft[]> {
  const isThere = (type: string, name: string) =>
    existing.some((resource) => resource.type === type && resource.name === name);
  const zone: ResourceDraft = { type: 'Zone', mesh: '', name: deps.zone, labels: {}, spec: {} };

  const secrets = await Promise.all([
    missingSecret(adminAuthoritySecret, () => createAdminAuthority(deps.clock())),
    missingSecret(interCpAuthoritySecret, () => createInterCpAuthority(deps.clock())),
    missingKey(zoneKeys),
    missingKey(userKeys),
  ]);
  const made = secrets.flat();
  const held = [...existing, ...made.map(asResource)].filter(({ type }) => type === 'GlobalSecret');
  const canSign = held.some(({ name }) => serialOf(userKeys, name) !== undefined);
  const token = canSign ? await missingSecret(adminTokenSecret, () => adminToken(deps, tenant, held)) : [];
  // The role of administrators cannot be removed. Where it is, roles and bindings were made before, and what of them is
  // gone was taken away: an administrator may have closed what was open.
  const access = isThere('AccessRole', adminRole) ? [] : accessDrafts(deps.access ?? 'closed');
  return [zone, ...hostnameGenerators(), ...access]
    .filter(({ type, name }) => !isThere(type, name))
    .concat(made, token);

  async function missingSecret(name: string, make: () => Promise<string>): Promise<readonly ResourceDraft[]> {
    return isThere('GlobalSecret', name) ? [] : [secretDraft('GlobalSecret', '', name, await make())];
  }

  /** A key of any serial will do: its first may have been rotated away. Who signs elsewhere may want none here. */
  async function missingKey(family: KeyFamily): Promise<readonly ResourceDraft[]> {
    const isKey = (name: string) =>
      serialOf(family, name) !== undefined || name.startsWith(`${family.publicPrefix}-`);
    if (existing.some(({ type, name }) => type === 'GlobalSecret' && isKey(name))) return [];
    const key = await deps.signingKeys();
    return [secretDraft('GlobalSecret', '', `${family.prefix}-${firstSerial}`, key.reveal())];
  }
}

/** The authority is kept for those who look for it, so it is of the kind that is quickest to make. */
async function createInterCpAuthority(now: number): Promise<string> {
  const { certificate, key } = await createAuthority({
    kind: 'ec',
    subject: {
      organization: 'Kuma',
      organizationalUnit: 'Mesh',
      commonName: 'Control Plane Intercommunication CA',
    },
    lifetime: defaultAuthorityLifetime,
    now,
  });
  return certificate + key.reveal();
}

/** Signs with the newest key, be it stored already or about to be. */
async function adminToken(
  deps: GlobalDraftsDeps,
  tenant: TenantId,
  secrets: readonly Resource[],
): Promise<string> {
  const view = secretView(new Map(secrets.map((secret) => [secret.name, secret])));
  const reader: SecretReader = { read: async () => view };
  return await createTokens({ secrets: reader, clock: deps.clock, ids: deps.ids }).issueUser(tenant, {
    claims: { Name: 'mesh-system:admin', Groups: ['mesh-system:admin'] },
    validFor: adminTokenLife,
  });
}

function asResource(draft: ResourceDraft): Resource {
  return { ...draft, creationTime: '', modificationTime: '', version: 0 };
}
