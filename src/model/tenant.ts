import { KumulusError } from './errors.ts';

declare const tenantBrand: unique symbol;

/**
 * The name of one isolated control plane. Every key of the table starts with it, every store call takes it,
 * and nothing has a default for it.
 */
export type TenantId = string & { readonly [tenantBrand]: true };

/** The same form as a DNS label (RFC 1123), because a tenant's name is a part of its host name. */
const pattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads a tenant's name.
 *
 * @throws KumulusError `bad_request` where the text is no DNS label of 1 to 63 characters.
 */
export function tenantId(text: string): TenantId {
  if (!pattern.test(text)) {
    throw new KumulusError(
      'bad_request',
      `tenant must be a DNS label of at most 63 characters, got ${JSON.stringify(text.slice(0, 80))}`,
    );
  }
  return text as TenantId;
}

/** The tenant that the local server serves. */
export const defaultTenant: TenantId = tenantId('default');
