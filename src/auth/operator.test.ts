import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createOperatorAuthentication, operatorTokenHash } from './operator.ts';

const token = 'a-token-of-the-operator-1';
const hash = createHash('sha256').update(token).digest('hex');

function caller(authorization?: string, peerAddress = '192.0.2.1') {
  const headers: Record<string, string | undefined> = { authorization, host: 'localhost:5681' };
  return { peerAddress, certificate: undefined, header: (name: string) => headers[name] };
}

describe('an operator', () => {
  it.each([
    [`Bearer ${token}`, 'operator'],
    [`bearer ${token}`, 'operator'],
    [`Bearer ${token}2`, 'refused'],
    [`Bearer ${hash}`, 'refused'],
    [token, 'refused'],
    ['', 'refused'],
    [undefined, 'refused'],
  ])('who shows %j is %s', (authorization, want) => {
    const judge = createOperatorAuthentication({ tokenHash: hash, localhostIsOperator: false });
    expect(judge(caller(authorization))).toBe(want);
    expect(judge(caller(authorization, '127.0.0.1'))).toBe(want);
  });

  it('is nobody where there is no token, but the machine itself where it may', () => {
    const judge = (localhostIsOperator: boolean) =>
      createOperatorAuthentication({ tokenHash: undefined, localhostIsOperator });
    expect(judge(false)(caller(`Bearer ${token}`, '127.0.0.1'))).toBe('absent');
    expect(judge(true)(caller(undefined, '127.0.0.1'))).toBe('operator');
    expect(judge(true)(caller(`Bearer ${token}`))).toBe('absent');
  });

  it('is configured by a token or its hash', () => {
    expect(operatorTokenHash({})).toBeUndefined();
    expect(operatorTokenHash({ KUMULUS_OPERATOR_TOKEN: token })).toBe(hash);
    expect(operatorTokenHash({ KUMULUS_OPERATOR_TOKEN_SHA256: hash })).toBe(hash);
    expect(() => operatorTokenHash({ KUMULUS_OPERATOR_TOKEN: 'short-secret' })).toThrow(
      /^KUMULUS_OPERATOR_TOKEN takes a token of at least 24 characters$/,
    );
    expect(() => operatorTokenHash({ KUMULUS_OPERATOR_TOKEN_SHA256: token })).toThrow('64 hex digits');
    expect(() => createOperatorAuthentication({ tokenHash: 'x', localhostIsOperator: false })).toThrow();
  });
});
