import type { ZodType } from 'zod';
import { KumulusError } from '../model/errors.ts';
import type { Clock, IdSource } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { SecretReader, SecretView } from '../secrets/secret-data.ts';
import {
  type DataplaneClaims,
  dataplaneClaimsSchema,
  type UserClaims,
  userClaimsSchema,
  type ZoneClaims,
  zoneClaimsSchema,
} from './claims.ts';
import { dataplaneKeys, type KeyFamily, missingKeyMessage, userKeys, zoneKeys } from './key-family.ts';
import type { NewDataplaneClaims, NewUserClaims, NewZoneClaims, TokenRequest } from './requests.ts';
import { revokedIds } from './revocations.ts';
import { signToken } from './sign-token.ts';
import { type FamilyViews, newestSigningKey, verificationKeys } from './signing-keys.ts';
import { defaultTokenSettings, type TokenSettings } from './token-settings.ts';
import { maxTokenLength } from './token-tenant.ts';
import { createVerifiedTokens } from './verified-tokens.ts';
import { type KeyLookup, refused, type SignedPayload, verifySignature } from './verify-signature.ts';

export interface TokensOptions {
  readonly secrets: SecretReader;
  readonly clock: Clock;
  /** Makes the `jti` of each token. */
  readonly ids: IdSource;
  /** What the deployment decides of a tenant's tokens; {@link defaultTokenSettings} unless told. */
  readonly settings?: (tenant: TenantId) => TokenSettings;
}

/** A token that was found good, and what is needed to ask again whether it still is. */
export interface ValidToken<Claims> {
  readonly claims: Claims;
  /** Its `jti`, by which it may be revoked. */
  readonly id: string;
  /** Milliseconds since 1970; absent where it has no end. */
  readonly expires?: number;
  readonly family: KeyFamily;
  readonly kid: string;
  /** Of the key that signed it: the same `kid` may be given to another one. */
  readonly digest: string;
}

/** Issues and validates Kuma's tokens: RS256 JWTs (RFC 7519) signed by keys that are Secrets of the tenant, or signed elsewhere. */
export interface Tokens {
  /** @throws KumulusError `not_found` where the mesh has no signing key, which is so where there is no such mesh. */
  issueDataplane(tenant: TenantId, request: TokenRequest<NewDataplaneClaims>): Promise<string>;
  issueZone(tenant: TenantId, request: TokenRequest<NewZoneClaims>): Promise<string>;
  issueUser(tenant: TenantId, request: TokenRequest<NewUserClaims>): Promise<string>;
  /** @throws KumulusError `unauthenticated`, saying why, where the token is not good for proxies of the mesh. */
  validateDataplane(tenant: TenantId, mesh: string, token: string): Promise<ValidToken<DataplaneClaims>>;
  /** @throws KumulusError `unauthenticated` */
  validateZone(tenant: TenantId, token: string): Promise<ValidToken<ZoneClaims>>;
  /**
   * @param globals the GlobalSecrets, where the caller has read them already.
   * @throws KumulusError `unauthenticated`
   */
  validateUser(tenant: TenantId, token: string, globals?: SecretView): Promise<ValidToken<UserClaims>>;
  /**
   * Why a token that was good is so no more (expired, revoked, its key gone), or undefined. Costs no signature, so a
   * relay can ask it for all of its streams.
   */
  whyEnded(tenant: TenantId, token: ValidToken<unknown>): Promise<string | undefined>;
}

export function createTokens(options: TokensOptions): Tokens {
  const { secrets, clock, ids } = options;
  const settingsOf = (tenant: TenantId, { kind }: KeyFamily) =>
    (options.settings?.(tenant) ?? defaultTokenSettings)[kind];
  const verified = createVerifiedTokens<SignedPayload>();

  async function issue(
    tenant: TenantId,
    family: KeyFamily,
    { claims, validFor }: TokenRequest<object>,
  ): Promise<string> {
    if (!settingsOf(tenant, family).enableIssuer) {
      throw new KumulusError('bad_request', 'issuing tokens using the control plane is disabled.', {
        title: 'Could not issue a token',
      });
    }
    const { serial, privateKey } = newestSigningKey(await secrets.read(tenant, family.mesh), family);
    return await signToken({ issuer: tenant, serial, privateKey, claims, validFor, now: clock(), id: ids() });
  }

  async function viewsOf(tenant: TenantId, family: KeyFamily): Promise<FamilyViews> {
    if (family.mesh === '') {
      const view = await secrets.read(tenant, '');
      return { own: view, global: view };
    }
    const [own, global] = await Promise.all([secrets.read(tenant, family.mesh), secrets.read(tenant, '')]);
    return { own, global };
  }

  async function validate<Claims>(
    tenant: TenantId,
    family: KeyFamily,
    schema: ZodType<Claims>,
    token: string,
    known?: FamilyViews,
  ): Promise<ValidToken<Claims>> {
    if (token === '') throw refused('no token was given');
    if (token.length > maxTokenLength) {
      throw refused(`token must be <= ${maxTokenLength} characters, got ${token.length}`);
    }
    const views = known ?? (await viewsOf(tenant, family));
    const { payload, kid, digest } = await signedPayload(tenant, family, views, token);
    if (payload.iss !== undefined && payload.iss !== tenant)
      throw refused('token is for another control plane');
    const claims = schema.safeParse(payload);
    if (!claims.success) throw refused('token has claims of another kind');
    const valid: ValidToken<Claims> = {
      claims: claims.data,
      id: typeof payload.jti === 'string' ? payload.jti : '',
      ...(payload.exp === undefined ? {} : { expires: payload.exp * 1000 }),
      family,
      kid,
      digest,
    };
    const reason = whyNotGood(tenant, views, valid);
    if (reason !== undefined) throw refused(reason);
    return valid;
  }

  /** A signature is verified once; whether its key still counts is asked every time. */
  async function signedPayload(tenant: TenantId, family: KeyFamily, views: FamilyViews, token: string) {
    const known = verified.get(tenant, family, token);
    if (known !== undefined && isStillThere(tenant, family, views, known)) return known;
    const lookup: KeyLookup = {
      keys: (kid) => verificationKeys(views, family, kid, settingsOf(tenant, family)),
      missing: (kid) => missingKeyMessage(family, kid),
    };
    const found = await verifySignature(token, lookup, clock());
    verified.put(tenant, family, token, found);
    return found;
  }

  function isStillThere(
    tenant: TenantId,
    family: KeyFamily,
    views: FamilyViews,
    { kid, digest }: Pick<SignedPayload, 'kid' | 'digest'>,
  ): boolean {
    const keys = verificationKeys(views, family, kid, settingsOf(tenant, family));
    return keys.some((key) => key.digest === digest);
  }

  function whyNotGood(tenant: TenantId, views: FamilyViews, token: ValidToken<unknown>): string | undefined {
    const { family, id, expires } = token;
    if (expires !== undefined && expires <= clock()) return 'token is expired';
    if (!isStillThere(tenant, family, views, token)) return missingKeyMessage(family, token.kid);
    return isRevoked(views, family, id) ? 'token is revoked' : undefined;
  }

  return {
    issueDataplane: (tenant, request) => issue(tenant, dataplaneKeys(request.claims.Mesh), request),
    issueZone: (tenant, request) => issue(tenant, zoneKeys, request),
    issueUser: (tenant, request) => issue(tenant, userKeys, request),
    validateDataplane: (tenant, mesh, token) =>
      validate(tenant, dataplaneKeys(mesh), dataplaneClaimsSchema, token),
    validateZone: (tenant, token) => validate(tenant, zoneKeys, zoneClaimsSchema, token),
    validateUser: (tenant, token, globals) =>
      validate(
        tenant,
        userKeys,
        userClaimsSchema,
        token,
        globals === undefined ? undefined : { own: globals, global: globals },
      ),

    whyEnded: async (tenant, token) => whyNotGood(tenant, await viewsOf(tenant, token.family), token),
  };
}

/** Kuma 2.13 looks for the list of a mesh among the GlobalSecrets, its documents say it is a Secret: either counts. */
function isRevoked({ own, global }: FamilyViews, { revocations }: KeyFamily, id: string): boolean {
  return [own, global].some((view) => {
    const list = view.get(revocations);
    return list !== undefined && revokedIds(list).has(id);
  });
}
