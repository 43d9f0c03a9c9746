import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { KumulusError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import { type SecretReader, secretData } from '../secrets/secret-data.ts';
import { firstSerial, type KeyFamily, keyName, missingKeyMessage, serialOf } from './key-family.ts';

/** A signing key that was read and is ready for use. */
export interface SigningKey {
  /** The `kid` of its tokens. */
  readonly serial: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Tells whether a secret of the same name still holds the same key. */
  readonly digest: string;
}

export interface SigningKeys {
  /**
   * The key that signs: the one with the greatest serial.
   *
   * @throws KumulusError `not_found`, titled and worded as the reference does, where the family has none.
   */
  newest(tenant: TenantId, family: KeyFamily): Promise<SigningKey>;
  /** The key that signed a token with this `kid`; undefined where there is none (any more). */
  find(tenant: TenantId, family: KeyFamily, serial: string): Promise<SigningKey | undefined>;
}

/** Parsing a key takes some 0.1 ms; each is kept by the hash of its text, as versions start again when a name is reused. */
const maxKept = 1_000;

export function createSigningKeys(secrets: SecretReader): SigningKeys {
  const kept = new Map<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>();

  function read(name: string, serial: string, contents: Buffer): SigningKey {
    const digest = createHash('sha256').update(contents).digest('base64');
    const known = kept.get(digest);
    if (known !== undefined) return { serial, digest, ...known };
    const parsed = parse(name, contents);
    const [oldest] = kept.keys();
    if (kept.size >= maxKept && oldest !== undefined) kept.delete(oldest);
    kept.set(digest, parsed);
    return { serial, digest, ...parsed };
  }

  return {
    async newest(tenant, family) {
      let best: { serial: number; name: string; contents: Buffer } | undefined;
      for (const resource of await secrets.list(tenant, family.mesh, family.prefix)) {
        const serial = serialOf(family, resource.name);
        if (serial === undefined || serial <= (best?.serial ?? -1)) continue;
        best = { serial, name: resource.name, contents: secretData(resource) };
      }
      if (best === undefined) {
        throw new KumulusError('not_found', missingKeyMessage(family, firstSerial), {
          title: 'Signing Key not found',
        });
      }
      return read(best.name, String(best.serial), best.contents);
    },

    async find(tenant, family, serial) {
      const name = keyName(family, serial);
      const resource = name === undefined ? undefined : await secrets.get(tenant, family.mesh, name);
      return resource === undefined ? undefined : read(resource.name, serial, secretData(resource));
    },
  };
}

/** Takes PEM in any form, and the bare PKCS #1 that old versions of Kuma stored. */
function parse(name: string, contents: Buffer): { privateKey: KeyObject; publicKey: KeyObject } {
  let privateKey: KeyObject;
  try {
    privateKey = contents.includes('-----BEGIN ')
      ? createPrivateKey(contents)
      : createPrivateKey({ key: contents, format: 'der', type: 'pkcs1' });
  } catch {
    // OpenSSL's words may quote what it read.
    throw new KumulusError('internal', `signing key ${name} cannot be read`);
  }
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey.asymmetricKeyType !== 'rsa' || bits < 2048) {
    throw new KumulusError('internal', `signing key ${name} must be an RSA key of at least 2048 bits`);
  }
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
