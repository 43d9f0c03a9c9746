import type { TenantId } from '../model/tenant.ts';

/** A key that seals secrets, and the same key as the master wrapped it: what is stored beside what it sealed. */
export interface DataKey {
  /** Which of the master's keys wrapped it: 1 to 64 letters, digits, `-` or `_`. */
  readonly masterId: string;
  /** 32 octets, for AES-256. */
  readonly plain: Uint8Array;
  readonly wrapped: Uint8Array;
}

/** Keeps the key (or knows the service) that wraps data keys. A data key is bound to the tenant it was made for. */
export interface MasterKey {
  generate(tenant: TenantId): Promise<DataKey>;
  /**
   * Gives back the plain data key.
   *
   * @throws KumulusError `internal` where `masterId` is not known or the key was wrapped for another tenant;
   *   `unavailable` where a service that is needed does not answer.
   */
  unwrap(tenant: TenantId, masterId: string, wrapped: Uint8Array): Promise<Uint8Array>;
}
