import { createHash } from 'node:crypto';
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  KMSServiceException,
} from '@aws-sdk/client-kms';
import { isKumulusError, KumulusError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import type { MasterKey } from './master-key.ts';

export interface KmsMasterKeyOptions {
  /** One for all, or one for each tenant, whose credentials take no other tenant's encryption context. */
  readonly client: KMSClient | ((tenant: TenantId) => KMSClient);
  /**
   * The id or ARN of a symmetric key. Not an alias: one that is pointed at another key would leave nothing to open with
   * what was sealed before.
   */
  readonly keyId: string;
  /** Keys that wrapped before this one did and still open. */
  readonly previousKeyIds?: readonly string[];
}

/**
 * A master key in AWS KMS. The tenant is the encryption context, so KMS itself refuses to unwrap a data key for another
 * tenant, and its audit trail (CloudTrail) says for whom a key was unwrapped.
 */
export function createKmsMasterKey(options: KmsMasterKeyOptions): MasterKey {
  const { client, keyId } = options;
  const clientOf = typeof client === 'function' ? client : () => client;
  const known = new Map([keyId, ...(options.previousKeyIds ?? [])].map((key) => [identify(key), key]));

  return {
    async generate(tenant) {
      const answer = await clientOf(tenant)
        .send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: { tenant } }))
        .catch(fail);
      const { Plaintext: plain, CiphertextBlob: wrapped } = answer;
      if (plain === undefined || wrapped === undefined) throw unavailable('gave no data key');
      return { masterId: identify(keyId), plain, wrapped };
    },

    async unwrap(tenant, masterId, wrapped) {
      const key = known.get(masterId);
      if (key === undefined) {
        throw new KumulusError(
          'internal',
          `secret was sealed under key ${masterId}, which is not configured`,
        );
      }
      const { Plaintext: plain } = await clientOf(tenant)
        .send(new DecryptCommand({ KeyId: key, CiphertextBlob: wrapped, EncryptionContext: { tenant } }))
        .catch(fail);
      if (plain === undefined) throw unavailable('gave no data key');
      return plain;
    },
  };
}

/** Key ids and ARNs have characters that a sealed text has no room for. */
function identify(keyId: string): string {
  return `kms-${createHash('sha256').update(keyId).digest('hex').slice(0, 16)}`;
}

/** What KMS answers to a ciphertext that is not what it gave, or not with this key or context. */
const notGenuine: ReadonlySet<string> = new Set([
  'InvalidCiphertextException',
  'IncorrectKeyException',
  'ValidationException',
]);

/** What a later try may not meet again. */
const passing: ReadonlySet<string> = new Set([
  'DependencyTimeoutException',
  'KMSInternalException',
  'KeyUnavailableException',
  'LimitExceededException',
  'ThrottlingException',
]);

function fail(error: unknown): never {
  // The credentials' own.
  if (isKumulusError(error)) throw error;
  if (!(error instanceof KMSServiceException)) throw unavailable('does not answer', error);
  if (notGenuine.has(error.name)) {
    throw new KumulusError('internal', 'data key was changed, or belongs to another tenant', {
      cause: error,
    });
  }
  if (passing.has(error.name) || error.$fault === 'server') throw unavailable(`says ${error.name}`, error);
  throw new KumulusError('internal', `KMS refuses the key: ${error.name}`, { cause: error });
}

function unavailable(what: string, cause?: unknown): KumulusError {
  return new KumulusError('unavailable', `KMS ${what}, try again`, { retryAfterSeconds: 1, cause });
}
