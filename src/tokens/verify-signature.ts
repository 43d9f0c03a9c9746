import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { KumulusError } from '../model/errors.ts';
import { nobodysKey } from './nobodys-key.ts';
import type { VerificationKey } from './rsa-keys.ts';

/** What a token says whose signature is good, and by which key it is. */
export interface SignedPayload {
  readonly payload: JWTPayload;
  readonly kid: string;
  /** The {@link VerificationKey}'s. */
  readonly digest: string;
}

/** Where keys are found by a token's `kid`, and what is said where there are none. */
export interface KeyLookup {
  keys(kid: string): readonly VerificationKey[];
  missing(kid: string): string;
}

/**
 * Checks the signature and the times of a token. Only RS256 is taken, so that no public key is ever used as the secret
 * of an HMAC (RFC 8725, section 2.1).
 *
 * @param now milliseconds since 1970.
 * @throws KumulusError `unauthenticated`, saying why, where the token is not good.
 */
export async function verifySignature(token: string, lookup: KeyLookup, now: number): Promise<SignedPayload> {
  const { alg, kid } = headerOf(token);
  if (alg !== 'RS256') throw refused('token must be signed with RS256');
  if (typeof kid !== 'string') throw refused('token has no kid in its header');
  const rules = { algorithms: ['RS256'], currentDate: new Date(now) };
  const keys = lookup.keys(kid);
  if (keys.length === 0) {
    await jwtVerify(token, nobodysKey, rules).catch(() => undefined);
    throw foreign(lookup.missing(kid.slice(0, 40)));
  }
  for (const { publicKey, digest } of keys) {
    try {
      const { payload } = await jwtVerify(token, publicKey, rules);
      return { payload, kid, digest };
    } catch (error) {
      // Another key of the same name may have signed it.
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw refusal(error);
    }
  }
  throw foreign('token has a wrong signature');
}

/** The cause of a refusal of a token that no key of the tenant has signed: what else is said of it tells of the tenant's keys. */
export class ForeignSignatureError extends Error {}

function foreign(reason: string): KumulusError {
  return new KumulusError('unauthenticated', reason, { cause: new ForeignSignatureError() });
}

export function refused(reason: string): KumulusError {
  return new KumulusError('unauthenticated', reason);
}

function headerOf(token: string) {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw refused('token is no JWT');
  }
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
  if (error instanceof errors.JOSEError) return refused('token is no JWT');
  return error;
}
