/** The names under which the keys of one kind of tokens are stored. */
export interface KeyFamily {
  readonly kind: 'dataplane' | 'zone' | 'user';
  /** Empty where the keys are GlobalSecrets. */
  readonly mesh: string;
  /** A key is `<prefix>-<serial>`; `<prefix>` alone has the serial 0, as in Kuma. */
  readonly prefix: string;
  /** The public key of tokens that are signed elsewhere is `<prefix>-<kid>`. */
  readonly publicPrefix: string;
  /** GlobalSecrets `<prefix>-<kid>` with public keys that count in every mesh; for kinds that are of a mesh. */
  readonly globalPublicPrefix?: string;
  /** The secret that lists revoked tokens. */
  readonly revocations: string;
}

/** The keys of a mesh's dataplane tokens: Secrets of that mesh. */
export function dataplaneKeys(mesh: string): KeyFamily {
  return {
    kind: 'dataplane',
    mesh,
    prefix: `dataplane-token-signing-key-${mesh}`,
    publicPrefix: `dataplane-token-signing-public-key-${mesh}`,
    globalPublicPrefix: 'dataplane-token-signing-public-key',
    revocations: `dataplane-token-revocations-${mesh}`,
  };
}

export const zoneKeys: KeyFamily = {
  kind: 'zone',
  mesh: '',
  prefix: 'zone-token-signing-key',
  publicPrefix: 'zone-token-signing-public-key',
  revocations: 'zone-token-revocations',
};

export const userKeys: KeyFamily = {
  kind: 'user',
  mesh: '',
  prefix: 'user-token-signing-key',
  publicPrefix: 'user-token-signing-public-key',
  revocations: 'user-token-revocations',
};

/** The serial of the key that a new mesh or tenant starts with. */
export const firstSerial = '1';

const serialPattern = /^\d{1,15}$/;

/** The name of the secret with a serial (the `kid` of a token); undefined where it can be no serial. */
export function keyName(family: KeyFamily, serial: string): string | undefined {
  if (!serialPattern.test(serial)) return undefined;
  return serial === '0' ? family.prefix : `${family.prefix}-${serial}`;
}

/** The serial of a secret's name; undefined where the secret is no key of the family. */
export function serialOf(family: KeyFamily, name: string): number | undefined {
  if (name === family.prefix) return 0;
  if (!name.startsWith(`${family.prefix}-`)) return undefined;
  const serial = name.slice(family.prefix.length + 1);
  return serialPattern.test(serial) ? Number(serial) : undefined;
}

/** What is said, here and in Kuma, of a key that is not there. */
export function missingKeyMessage(family: KeyFamily, serial: string): string {
  const name = JSON.stringify(`${family.prefix}-${serial}`);
  const what =
    family.mesh === ''
      ? `GlobalSecret of name ${name}`
      : `Secret of name ${name} in mesh ${JSON.stringify(family.mesh)}`;
  return `there is no signing key with KID ${serial}. ${what} is not found. If signing key was rotated, regenerate the token`;
}
