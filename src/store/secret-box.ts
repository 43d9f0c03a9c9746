import type { TenantId } from '../model/tenant.ts';

/** Encrypts what must not lie in the table as plain text. What was sealed for one tenant opens for no other. */
export interface SecretBox {
  /** Seals a text; the same text sealed twice gives different results. */
  seal(tenant: TenantId, plaintext: string): Promise<string>;
  /**
   * Opens what {@link SecretBox.seal} gave.
   *
   * @throws KumulusError `internal` where it was tampered with, sealed for another tenant, or under a key that is not at hand.
   */
  open(tenant: TenantId, sealed: string): Promise<string>;
}
