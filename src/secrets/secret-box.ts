import { KumulusError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { SecretBox } from '../store/secret-box.ts';
import { decrypt, encrypt } from './aead.ts';
import { createKeyCache } from './key-cache.ts';
import type { DataKey, MasterKey } from './master-key.ts';

export interface SecretBoxOptions {
  readonly master: MasterKey;
  readonly clock: Clock;
  /** How long a data key is used to seal, and an unwrapped one is kept, in milliseconds; an hour unless told. */
  readonly maxAge?: number;
  /** How many texts one data key seals; a million unless told, far below the 2^32 that random nonces allow. */
  readonly maxUses?: number;
  /** How many data keys are held of each kind; 1,000 unless told. */
  readonly maxKeys?: number;
}

/** Larger texts are refused unread: an item of the table cannot hold more. */
const maxSealedLength = 512 * 1024;

/** `v1.<master key>.<wrapped data key>.<nonce, ciphertext, tag>`, the last two in base64url. */
const format = /^v1\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,8192})\.([A-Za-z0-9_-]+)$/;

/**
 * Envelope encryption: every tenant has data keys of its own, wrapped by a master key, and what is sealed carries the
 * wrapped data key along, so that nothing else has to be stored or found again.
 */
export function createSecretBox(options: SecretBoxOptions): SecretBox {
  const { master, clock, maxAge = 3_600_000, maxUses = 1_000_000, maxKeys = 1_000 } = options;
  const sealing = createKeyCache<DataKey>({ clock, maxAge, maxUses, maxKeys });
  const opening = createKeyCache<Uint8Array>({ clock, maxAge, maxUses: Number.POSITIVE_INFINITY, maxKeys });

  return {
    async seal(tenant, plaintext) {
      const key = await sealing.get(tenant, () => master.generate(tenant));
      const header = `v1.${key.masterId}.${base64url(key.wrapped)}`;
      return `${header}.${base64url(encrypt(key.plain, Buffer.from(plaintext, 'utf8'), bound(tenant, header)))}`;
    },

    async open(tenant, sealed) {
      const parts = sealed.length <= maxSealedLength ? format.exec(sealed) : null;
      if (parts === null)
        throw new KumulusError('internal', 'sealed secret is not of a form that can be opened');
      const [, masterId = '', wrapped = '', body = ''] = parts;
      const key = await opening.get(`${tenant}/${masterId}/${wrapped}`, () =>
        master.unwrap(tenant, masterId, Buffer.from(wrapped, 'base64url')),
      );
      const octets = Buffer.from(body, 'base64url');
      // base64url has several spellings for the same octets; only the one that was written counts.
      const plaintext =
        base64url(octets) === body
          ? decrypt(key, octets, bound(tenant, `v1.${masterId}.${wrapped}`))
          : undefined;
      if (plaintext === undefined) {
        throw new KumulusError('internal', 'sealed secret was changed, or belongs to another tenant');
      }
      return plaintext.toString('utf8');
    },
  };
}

/** What ciphertexts are bound to; a tenant's name has no slash, so no two pairs give the same text. */
function bound(tenant: TenantId, header: string): string {
  return `${tenant}/${header}`;
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64url');
}
