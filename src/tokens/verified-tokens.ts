import { createHash } from 'node:crypto';
import type { TenantId } from '../model/tenant.ts';
import type { KeyFamily } from './key-family.ts';

/**
 * Remembers whose signature was found good, so that a proxy that asks for a bootstrap, opens its stream and comes back
 * later costs one verification and not three. What may end a token (time, revocation, its key) is asked every time.
 */
export interface VerifiedTokens<T> {
  get(tenant: TenantId, family: KeyFamily, token: string): T | undefined;
  put(tenant: TenantId, family: KeyFamily, token: string, value: T): void;
}

/** Keeps at most `limit`; the one that was not asked for the longest goes first. */
export function createVerifiedTokens<T>(limit = 20_000): VerifiedTokens<T> {
  const kept = new Map<string, T>();
  // Keyed by hash: what is remembered must not be a store of tokens that can be used.
  const keyOf = (tenant: TenantId, family: KeyFamily, token: string) =>
    `${tenant}/${family.prefix}/${createHash('sha256').update(token).digest('base64')}`;
  return {
    get(tenant, family, token) {
      const key = keyOf(tenant, family, token);
      const value = kept.get(key);
      if (value !== undefined) {
        kept.delete(key);
        kept.set(key, value);
      }
      return value;
    },
    put(tenant, family, token, value) {
      kept.set(keyOf(tenant, family, token), value);
      if (kept.size > limit) {
        const [oldest] = kept.keys();
        kept.delete(oldest ?? '');
      }
    },
  };
}
