import type { Author } from '../model/author.ts';
import type { AuditDraft } from '../store/audit/audit-record.ts';

/** The types under which the audit trail has tokens. */
export type TokenType = 'DataplaneToken' | 'ZoneToken' | 'UserToken';

/** Whose token it is. */
export interface TokenSubject {
  readonly type: TokenType;
  /** Empty where it is for no mesh. */
  readonly mesh: string;
  readonly name: string;
}

/** Claims that say when and by whom a token was made, which a record tells under names of its own or not at all. */
const registeredClaims: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'jti', 'iss']);

/** The record of a token that is given out: its id, by which it may be revoked, and what it says; never the token. */
export function tokenRecord(subject: TokenSubject, token: string, author: Author): AuditDraft {
  const [header, payload] = token.split('.', 2).map(decoded);
  const { jti, exp } = payload ?? {};
  const claims = Object.entries(payload ?? {}).filter(([name]) => !registeredClaims.has(name));
  return {
    author,
    action: 'ISSUE',
    ...subject,
    details: {
      id: jti,
      keyId: header?.kid,
      ...(typeof exp === 'number' && { expirationTime: new Date(exp * 1000).toISOString() }),
      claims: Object.fromEntries(claims),
    },
  };
}

function decoded(part: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Readonly<Record<string, unknown>>;
}
