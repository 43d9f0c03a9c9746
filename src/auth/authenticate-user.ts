import { isKumulusError, KumulusError } from '../model/errors.ts';
import type { Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { SecretView } from '../secrets/secret-data.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { type Caller, isDirectLoopback } from './loopback.ts';
import { adminUser, anonymousUser, authenticatedGroup, type User } from './user.ts';

export interface UserAuthenticationOptions {
  readonly tokens: Pick<Tokens, 'validateUser'>;
  /** Whether callers from the machine itself are administrators (KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN). */
  readonly localhostIsAdmin: boolean;
  /** Whether user tokens are taken (KUMA_API_SERVER_AUTHN_TYPE); true unless told. */
  readonly userTokens?: boolean;
  readonly logger: Logger;
}

/**
 * Tells who asks. As in Kuma the machine itself is the administrator whatever token it shows, and so is who has a client
 * certificate that the server trusts; who shows no bearer token is anonymous.
 *
 * @param globals reads the tenant's GlobalSecrets; asked for only where there is a token to be judged.
 * @throws KumulusError `unauthenticated`, in the reference's words, for a credential that is not good; why it is not is
 *   for the log alone.
 */
export type AuthenticateUser = (
  tenant: TenantId,
  caller: Caller,
  globals: () => Promise<SecretView>,
) => Promise<User>;

/** RFC 7235: the scheme may be written in any case. */
const bearer = /^bearer +(.+)$/i;

export function createUserAuthentication(options: UserAuthenticationOptions): AuthenticateUser {
  const { tokens, localhostIsAdmin, userTokens = true, logger } = options;

  const refused = (tenant: TenantId, what: string, reason: string, cause?: unknown) => {
    logger.info(`a ${what} was refused`, { tenant, reason });
    return new KumulusError('unauthenticated', 'Unauthenticated', {
      title: 'Invalid authentication data',
      cause,
    });
  };

  return async (tenant, caller, globals) => {
    if (localhostIsAdmin && isDirectLoopback(caller)) return adminUser;
    if (caller.certificate === 'trusted') return adminUser;
    if (caller.certificate === 'untrusted') {
      throw refused(tenant, 'client certificate', 'none of the accepted authorities has signed it');
    }
    const token = bearer.exec(caller.header('authorization') ?? '')?.[1];
    if (!userTokens || token === undefined) return anonymousUser;
    const secrets = await globals();
    try {
      const { claims } = await tokens.validateUser(tenant, token.trim(), secrets);
      return { name: claims.Name, groups: [...claims.Groups, authenticatedGroup] };
    } catch (cause) {
      if (!isKumulusError(cause, 'unauthenticated')) throw cause;
      throw refused(tenant, 'user token', cause.message, cause);
    }
  };
}
