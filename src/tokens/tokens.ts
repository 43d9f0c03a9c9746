import { errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import type { ZodType } from 'zod';
import { KumulusError } from '../model/errors.ts';
import type { Clock, IdSource } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { SecretReader } from '../secrets/secret-data.ts';
import {
  type DataplaneClaims,
  dataplaneClaimsSchema,
  type UserClaims,
  userClaimsSchema,
  type ZoneClaims,
  zoneClaimsSchema,
} from './claims.ts';
import { dataplaneKeys, type KeyFamily, missingKeyMessage, userKeys, zoneKeys } from './key-family.ts';
import { nobodysKey } from './nobodys-key.ts';
import type { NewDataplaneClaims, NewUserClaims, NewZoneClaims, TokenRequest } from './requests.ts';
import { revokedIds } from './revocations.ts';
import { signToken } from './sign-token.ts';
import { createSigningKeys } from './signing-keys.ts';
import { maxTokenLength } from './token-tenant.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

export interface TokensOptions {
  readonly secrets: SecretReader;
  readonly clock: Clock;
  /** Makes the `jti` of each token. */
  readonly ids: IdSource;
}

/** A token that was found good, and what is needed to ask again whether it still is. */
export interface ValidToken<Claims> {
  readonly claims: Claims;
  /** Its `jti`, by which it may be revoked. */
  readonly id: string;
  /** Milliseconds since 1970; absent where it has no end. */
  readonly expires?: number;
  readonly family: KeyFamily;
  readonly serial: string;
  /** Of the key that signed it. */
  readonly digest: string;
}

/** Issues and validates Kuma's tokens: RS256 JWTs (RFC 7519) signed by keys that are Secrets of the tenant. */
export interface Tokens {
  /** @throws KumulusError `not_found` where the mesh has no signing key, which is so where there is no such mesh. */
  issueDataplane(tenant: TenantId, request: TokenRequest<NewDataplaneClaims>): Promise<string>;
  issueZone(tenant: TenantId, request: TokenRequest<NewZoneClaims>): Promise<string>;
  issueUser(tenant: TenantId, request: TokenRequest<NewUserClaims>): Promise<string>;
  /** @throws KumulusError `unauthenticated`, saying why, where the token is not good for proxies of the mesh. */
  validateDataplane(tenant: TenantId, mesh: string, token: string): Promise<ValidToken<DataplaneClaims>>;
  /** @throws KumulusError `unauthenticated` */
  validateZone(tenant: TenantId, token: string): Promise<ValidToken<ZoneClaims>>;
  /** @throws KumulusError `unauthenticated` */
  validateUser(tenant: TenantId, token: string): Promise<ValidToken<UserClaims>>;
  /**
   * Why a token that was good is so no more (expired, revoked, its key gone), or undefined. Costs no signature, so a
   * relay can ask it for all of its streams.
   */
  whyEnded(tenant: TenantId, token: ValidToken<unknown>): Promise<string | undefined>;
}

/** Which key signed a token: its serial, and a hash of it, for a serial may be given to another key. */
interface SigningKeyName {
  readonly serial: string;
  readonly digest: string;
}

export function createTokens(options: TokensOptions): Tokens {
  const { secrets, clock, ids } = options;
  const keys = createSigningKeys(secrets);
  const verified = createVerifiedTokens<{
    readonly payload: JWTPayload;
    readonly signedBy: SigningKeyName;
  }>();

  async function issue(
    tenant: TenantId,
    family: KeyFamily,
    { claims, validFor }: TokenRequest<object>,
  ): Promise<string> {
    const { serial, privateKey } = await keys.newest(tenant, family);
    return await signToken({ issuer: tenant, serial, privateKey, claims, validFor, now: clock(), id: ids() });
  }

  async function validate<Claims>(
    tenant: TenantId,
    family: KeyFamily,
    schema: ZodType<Claims>,
    token: string,
  ): Promise<ValidToken<Claims>> {
    if (token === '') throw refused('no token was given');
    if (token.length > maxTokenLength) {
      throw refused(`token must be <= ${maxTokenLength} characters, got ${token.length}`);
    }
    const { payload, signedBy } = await verifySignature(tenant, family, token);
    if (payload.iss !== undefined && payload.iss !== tenant)
      throw refused('token is for another control plane');
    const claims = schema.safeParse(payload);
    if (!claims.success) throw refused('token has claims of another kind');
    const valid: ValidToken<Claims> = {
      claims: claims.data,
      id: typeof payload.jti === 'string' ? payload.jti : '',
      ...(payload.exp === undefined ? {} : { expires: payload.exp * 1000 }),
      family,
      ...signedBy,
    };
    const reason = await whyEnded(tenant, valid);
    if (reason !== undefined) throw refused(reason);
    return valid;
  }

  /** @throws KumulusError `unauthenticated` */
  async function verifySignature(tenant: TenantId, family: KeyFamily, token: string) {
    const known = verified.get(tenant, family, token);
    if (known !== undefined && (await isStillThere(tenant, family, known.signedBy))) return known;
    let signedBy: SigningKeyName | undefined;
    let missing: KumulusError | undefined;
    const findKey = async (header: JWTHeaderParameters) => {
      if (typeof header.kid !== 'string') throw refused('token has no kid in its header');
      const key = await keys.find(tenant, family, header.kid);
      if (key === undefined) {
        missing = refused(missingKeyMessage(family, header.kid.slice(0, 40)));
        return nobodysKey;
      }
      signedBy = { serial: key.serial, digest: key.digest };
      return key.publicKey;
    };
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: ['RS256'],
      currentDate: new Date(clock()),
    }).catch((error: unknown) => {
      throw missing ?? refusal(error);
    });
    if (signedBy === undefined) throw refused('token has no kid in its header');
    verified.put(tenant, family, token, { payload, signedBy });
    return { payload, signedBy };
  }

  async function isStillThere(tenant: TenantId, family: KeyFamily, { serial, digest }: SigningKeyName) {
    return (await keys.find(tenant, family, serial))?.digest === digest;
  }

  async function whyEnded(tenant: TenantId, token: ValidToken<unknown>): Promise<string | undefined> {
    if (token.expires !== undefined && token.expires <= clock()) return 'token is expired';
    if (!(await isStillThere(tenant, token.family, token)))
      return missingKeyMessage(token.family, token.serial);
    return (await isRevoked(tenant, token.family, token.id)) ? 'token is revoked' : undefined;
  }

  /** Kuma 2.13 looks for the list of a mesh among the GlobalSecrets, its documents say it is a Secret: either counts. */
  async function isRevoked(tenant: TenantId, family: KeyFamily, id: string): Promise<boolean> {
    for (const mesh of family.mesh === '' ? [''] : [family.mesh, '']) {
      const list = await secrets.get(tenant, mesh, family.revocations);
      if (list !== undefined && revokedIds(list).has(id)) return true;
    }
    return false;
  }

  return {
    issueDataplane: (tenant, request) => issue(tenant, dataplaneKeys(request.claims.Mesh), request),
    issueZone: (tenant, request) => issue(tenant, zoneKeys, request),
    issueUser: (tenant, request) => issue(tenant, userKeys, request),
    validateDataplane: (tenant, mesh, token) =>
      validate(tenant, dataplaneKeys(mesh), dataplaneClaimsSchema, token),
    validateZone: (tenant, token) => validate(tenant, zoneKeys, zoneClaimsSchema, token),
    validateUser: (tenant, token) => validate(tenant, userKeys, userClaimsSchema, token),

    whyEnded,
  };
}

function refused(reason: string): KumulusError {
  return new KumulusError('unauthenticated', reason);
}

/** What jose found, said so that the bearer can mend it; whatever else went wrong is passed on. */
function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return refused('token is expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused(
      error.claim === 'nbf' && error.reason === 'check_failed'
        ? 'token is not valid yet'
        : `token has a wrong claim ${error.claim}`,
    );
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return refused('token must be signed with RS256');
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused('token has a wrong signature');
  if (error instanceof errors.JOSEError) return refused('token is no JWT');
  return error;
}
