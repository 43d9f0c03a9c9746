import { isKumulusError, KumulusError } from '../model/errors.ts';
import type { Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { type Caller, isDirectLoopback } from './loopback.ts';
import { adminUser, anonymousUser, authenticatedGroup, type User } from './user.ts';

export interface UserAuthenticationOptions {
  readonly tokens: Pick<Tokens, 'validateUser'>;
  /** Whether callers from the machine itself are administrators (KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN). */
  readonly localhostIsAdmin: boolean;
  readonly logger: Logger;
}

/**
 * Tells who asks. As in Kuma the machine itself is the administrator whatever token it shows, and who shows no bearer
 * token is anonymous.
 *
 * @throws KumulusError `unauthenticated`, in the reference's words, for a token that is not good; why it is not is for
 *   the log alone.
 */
export type AuthenticateUser = (tenant: TenantId, caller: Caller) => Promise<User>;

/** RFC 7235: the scheme may be written in any case. */
const bearer = /^bearer +(\S+) *$/i;

export function createUserAuthentication(options: UserAuthenticationOptions): AuthenticateUser {
  const { tokens, localhostIsAdmin, logger } = options;
  return async (tenant, caller) => {
    if (localhostIsAdmin && isDirectLoopback(caller)) return adminUser;
    const token = bearer.exec(caller.header('authorization') ?? '')?.[1];
    if (token === undefined) return anonymousUser;
    try {
      const { claims } = await tokens.validateUser(tenant, token);
      return { name: claims.Name, groups: [...claims.Groups, authenticatedGroup] };
    } catch (cause) {
      if (!isKumulusError(cause, 'unauthenticated')) throw cause;
      logger.info('a user token was refused', { tenant, reason: cause.message });
      throw new KumulusError('unauthenticated', 'Unauthenticated', {
        title: 'Invalid authentication data',
        cause,
      });
    }
  };
}
