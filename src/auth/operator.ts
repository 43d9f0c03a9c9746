import { createHash, timingSafeEqual } from 'node:crypto';
import { type Caller, isDirectLoopback } from './loopback.ts';

export interface OperatorAuthenticationOptions {
  /** The SHA-256 of the operator's token, in hex; undefined where there is none. */
  readonly tokenHash: string | undefined;
  /** Whether callers from the machine itself are the operator, as they are administrators. */
  readonly localhostIsOperator: boolean;
}

/**
 * What a caller is to the operator API: `absent` means that there is none for them, for nothing that they could show
 * would be taken.
 */
export type OperatorVerdict = 'operator' | 'refused' | 'absent';

export type AuthenticateOperator = (caller: Caller) => OperatorVerdict;

/** A shorter token could be guessed. */
const minTokenLength = 24;
const hashPattern = /^[0-9a-f]{64}$/i;
const bearer = /^bearer +(\S+) *$/i;

/**
 * Judges operators by the hash of their token, which is all that is kept of it.
 *
 * @throws Error where the hash is none.
 */
export function createOperatorAuthentication(options: OperatorAuthenticationOptions): AuthenticateOperator {
  const { tokenHash, localhostIsOperator } = options;
  if (tokenHash !== undefined && !hashPattern.test(tokenHash)) {
    throw new Error("the hash of the operator's token must be a SHA-256 in 64 hex digits");
  }
  const expected = tokenHash === undefined ? undefined : Buffer.from(tokenHash, 'hex');
  return (caller) => {
    if (localhostIsOperator && isDirectLoopback(caller)) {
      return 'operator';
    }
    if (expected === undefined) {
      return 'absent';
    }
    const token = bearer.exec(caller.header('authorization') ?? '')?.[1] ?? '';
    return timingSafeEqual(createHash('sha256').update(token).digest(), expected) ? 'operator' : 'refused';
  };
}

/**
 * The hash of the operator's token from an environment: `KUMULUS_OPERATOR_TOKEN_SHA256`, or that of
 * `KUMULUS_OPERATOR_TOKEN`; undefined where neither is set.
 *
 * @throws Error that names the variable, not its value, where the token is too short or the hash is none.
 */
export function operatorTokenHash(environment: NodeJS.ProcessEnv): string | undefined {
  const hash = environment.KUMULUS_OPERATOR_TOKEN_SHA256 || undefined;
  const token = environment.KUMULUS_OPERATOR_TOKEN || undefined;
  if (hash !== undefined && !hashPattern.test(hash)) {
    throw new Error('KUMULUS_OPERATOR_TOKEN_SHA256 takes a SHA-256 in 64 hex digits');
  }
  if (token !== undefined && token.length < minTokenLength) {
    throw new Error(`KUMULUS_OPERATOR_TOKEN takes a token of at least ${minTokenLength} characters`);
  }
  return hash ?? (token === undefined ? undefined : createHash('sha256').update(token).digest('hex'));
}
