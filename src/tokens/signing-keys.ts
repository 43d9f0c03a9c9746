import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import type { SecretView } from '../secrets/secret-data.ts';
import { firstSerial, type KeyFamily, keyName, missingKeyMessage, serialOf } from './key-family.ts';
import { type KeyPair, keyPairOf, publicKeyOf, type VerificationKey } from './rsa-keys.ts';
import type { TokenKindSettings } from './token-settings.ts';

/** Where the keys of one family are: the secrets of its mesh, and those beside the meshes. They may be the same. */
export interface FamilyViews {
  readonly own: SecretView;
  readonly global: SecretView;
}

/** A signing key and the `kid` of its tokens. */
export interface SigningKey extends KeyPair {
  readonly serial: string;
}

/**
 * The key that signs: the one with the greatest serial.
 *
 * @throws KumulusError `not_found`, titled and worded as the reference does, where the family has none; `internal`
 *   where it is no key.
 */
export function newestSigningKey(secrets: SecretView, family: KeyFamily): SigningKey {
  let newest: { readonly serial: number; readonly secret: Resource } | undefined;
  for (const secret of secrets.list(family.prefix)) {
    const serial = serialOf(family, secret.name);
    if (serial !== undefined && serial > (newest?.serial ?? -1)) newest = { serial, secret };
  }
  if (newest === undefined) {
    throw new KumulusError('not_found', missingKeyMessage(family, firstSerial), {
      title: 'Signing Key not found',
    });
  }
  return { serial: String(newest.serial), ...keyPairOf(newest.secret) };
}

/** As long as a name that ends in it may be; what cannot stand in the name of a secret is not looked for. */
const kidPattern = /^[a-z0-9]([-a-z0-9.]{0,100}[a-z0-9])?$/;

/**
 * The keys that may have signed a token with a `kid`, in the order in which Kuma looks for them: those of the
 * deployment's configuration, then those in secrets. Mostly one; none where there is none (any more).
 */
export function verificationKeys(
  views: FamilyViews,
  family: KeyFamily,
  kid: string,
  { publicKeys, useSecrets }: TokenKindSettings,
): readonly VerificationKey[] {
  const configured = publicKeys.filter(
    (key) => key.kid === kid && (key.mesh === undefined || key.mesh === '' || key.mesh === family.mesh),
  );
  if (!useSecrets || !kidPattern.test(kid)) return configured;
  const { publicPrefix, globalPublicPrefix } = family;
  const offline = [
    views.own.get(`${publicPrefix}-${kid}`),
    globalPublicPrefix === undefined ? undefined : views.global.get(`${globalPublicPrefix}-${kid}`),
  ];
  const name = keyName(family, kid);
  const signing = name === undefined ? undefined : views.own.get(name);
  return [
    ...configured,
    ...offline.flatMap((secret) => readable(secret, publicKeyOf)),
    ...readable(signing, keyPairOf),
  ];
}

/** A secret that holds no key verifies nothing; it is no reason to fail. */
function readable(
  secret: Resource | undefined,
  read: (secret: Resource) => VerificationKey,
): readonly VerificationKey[] {
  if (secret === undefined) return [];
  try {
    return [read(secret)];
  } catch {
    return [];
  }
}
