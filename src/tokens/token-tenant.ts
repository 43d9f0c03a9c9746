import { decodeJwt } from 'jose';
import { type TenantId, tenantId } from '../model/tenant.ts';

/** A token is some 600 characters; much longer ones are not looked at. */
export const maxTokenLength = 64 * 1024;

/**
 * The tenant that a token says it is of, undefined where it says none. Nothing is believed yet: the token is then
 * validated with the keys of that tenant.
 */
export function tenantOfToken(token: string): TenantId | undefined {
  if (token.length > maxTokenLength) return undefined;
  try {
    const { iss } = decodeJwt(token);
    return typeof iss === 'string' ? tenantId(iss) : undefined;
  } catch {
    return undefined;
  }
}
