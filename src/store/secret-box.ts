import type { TenantId } from '../model/tenant.ts';

/** Encrypts what must not be readable in the table. */
export interface SecretBox {
  /** The encrypted text, which another tenant's name does not open. */
  seal(tenant: TenantId, plaintext: string): Promise<string>;
  /** @throws KumulusError `internal` where it was not sealed for this tenant or was changed. */
  open(tenant: TenantId, sealed: string): Promise<string>;
}
