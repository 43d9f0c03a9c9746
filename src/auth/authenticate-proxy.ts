import { KumulusError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import type { DataplaneClaims, ZoneClaims } from '../tokens/claims.ts';
import type { Tokens, ValidToken } from '../tokens/tokens.ts';
import { type ManagedDataplane, type ManageOptions, mayReplace, whyNotManaged } from './manage-dataplane.ts';

/** A proxy's token that is good for its mesh, to be held against Dataplanes. */
export interface ProxyCredential {
  readonly claims: DataplaneClaims;
  /** Milliseconds since 1970; infinite where the token has no end. */
  readonly expires: number;
  /** @throws KumulusError `forbidden`, saying why, where the token does not allow to manage the Dataplane. */
  requireManage(dataplane: ManagedDataplane, options?: ManageOptions): void;
  /** Whether another Dataplane may take the place of this one, which is there already. */
  mayReplace(existing: ManagedDataplane, options?: ManageOptions): boolean;
  /** Why the token counts no longer (expired, revoked, its key gone); undefined while it does. */
  check(): Promise<KumulusError | undefined>;
}

export interface ProxyAuthentication {
  /**
   * @throws KumulusError `unauthenticated`, saying why, where the token is not good for proxies of the mesh; an empty
   *   text is no token.
   */
  dataplane(tenant: TenantId, mesh: string, token: string): Promise<ProxyCredential>;
  /**
   * @param zone that of the control plane.
   * @throws KumulusError `unauthenticated` where the token is not good, `forbidden` where it is for something else.
   */
  zoneProxy(
    tenant: TenantId,
    zone: string,
    scope: 'ingress' | 'egress',
    token: string,
  ): Promise<Pick<ProxyCredential, 'expires' | 'check'>>;
}

/** Authenticates proxies by their tokens, as the relay does for streams and for bootstraps. */
export function createProxyAuthentication(tokens: Tokens): ProxyAuthentication {
  return {
    async dataplane(tenant, mesh, token) {
      const valid = await tokens.validateDataplane(tenant, mesh, token);
      return {
        claims: valid.claims,
        requireManage(dataplane, options) {
          const reason = whyNotManaged(valid.claims, dataplane, options);
          if (reason !== undefined) throw new KumulusError('forbidden', reason);
        },
        mayReplace: (existing, options) => mayReplace(valid.claims, existing, options),
        ...life(tokens, tenant, valid),
      };
    },

    async zoneProxy(tenant, zone, scope, token) {
      const valid = await tokens.validateZone(tenant, token);
      const reason = whyNotInZone(valid.claims, zone, scope);
      if (reason !== undefined) throw new KumulusError('forbidden', reason);
      return life(tokens, tenant, valid);
    },
  };
}

function life(
  tokens: Tokens,
  tenant: TenantId,
  valid: ValidToken<unknown>,
): Pick<ProxyCredential, 'expires' | 'check'> {
  return {
    expires: valid.expires ?? Number.POSITIVE_INFINITY,
    async check() {
      const reason = await tokens.whyEnded(tenant, valid);
      return reason === undefined ? undefined : new KumulusError('unauthenticated', reason);
    },
  };
}

function whyNotInZone(claims: ZoneClaims, zone: string, scope: string): string | undefined {
  if (!claims.Scope.includes(scope)) {
    return `token is for [${claims.Scope.join(', ')}], not for zone ${scope}`;
  }
  return claims.Zone === '' || claims.Zone === zone
    ? undefined
    : `token is for zone ${JSON.stringify(claims.Zone)}, this is ${JSON.stringify(zone)}`;
}
