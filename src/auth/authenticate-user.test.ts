import { beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../model/ports.ts';
import { type TenantId, tenantId } from '../model/tenant.ts';
import { newSigningKey } from '../tokens/new-signing-key.ts';
import { parseUserTokenRequest } from '../tokens/requests.ts';
import { createSecrets } from '../tokens/tokens.fixture.ts';
import { createTokens } from '../tokens/tokens.ts';
import { createUserAuthentication } from './authenticate-user.ts';
import type { Caller } from './loopback.ts';
import { adminUser, anonymousUser, type User } from './user.ts';

const acme = tenantId('acme');
const globex = tenantId('globex');
const start = Date.parse('2026-11-20T12:00:00Z');

let now = start;
let token: string;
type Authenticate = (tenant: TenantId, caller: Caller) => Promise<User>;
let authenticate: Authenticate;
let strict: Authenticate;
let certificatesOnly: Authenticate;
const reasons: unknown[] = [];

beforeAll(async () => {
  const secrets = createSecrets();
  secrets.put('acme', '', 'user-token-signing-key-1', (await newSigningKey()).reveal());
  const tokens = createTokens({ secrets: secrets.reader, clock: () => now, ids: () => 'id' });
  token = await tokens.issueUser(
    acme,
    parseUserTokenRequest({ name: 'bob', groups: ['guests'], validFor: '1h' }),
  );
  const logger = { ...silentLogger, info: (_: string, fields?: unknown) => void reasons.push(fields) };
  const make = (options: { localhostIsAdmin: boolean; userTokens?: boolean }): Authenticate => {
    const judge = createUserAuthentication({ tokens, logger, ...options });
    return (tenant, asking) => judge(tenant, asking, () => secrets.reader.read(tenant, ''));
  };
  authenticate = make({ localhostIsAdmin: true });
  strict = make({ localhostIsAdmin: false });
  certificatesOnly = make({ localhostIsAdmin: false, userTokens: false });
});

const caller = (peerAddress: string, authorization?: string) => ({
  peerAddress,
  header: (name: string) =>
    name === 'host' ? '127.0.0.1' : name === 'authorization' ? authorization : undefined,
});

const withCertificate = (certificate: 'trusted' | 'untrusted', authorization?: string): Caller => ({
  ...caller(elsewhere, authorization),
  certificate,
});

const bob = { name: 'bob', groups: ['guests', 'mesh-system:authenticated'] };
const local = '127.0.0.1';
const elsewhere = '10.0.0.7';

describe('who asks', () => {
  it.each([
    ['the machine itself', () => authenticate(acme, caller(local)), adminUser],
    [
      'the machine itself, whatever it shows',
      () => authenticate(acme, caller(local, `Bearer ${token}`)),
      adminUser,
    ],
    [
      'the machine itself with nonsense',
      () => authenticate(acme, caller(local, 'Bearer nonsense')),
      adminUser,
    ],
    ['the machine itself, where that counts nothing', () => strict(acme, caller(local)), anonymousUser],
    [
      'the machine itself with a token, where it counts nothing',
      () => strict(acme, caller(local, `Bearer ${token}`)),
      bob,
    ],
    ['nobody', () => authenticate(acme, caller(elsewhere)), anonymousUser],
    ['another scheme', () => authenticate(acme, caller(elsewhere, 'Basic YTpi')), anonymousUser],
    ['bob', () => authenticate(acme, caller(elsewhere, `Bearer ${token}`)), bob],
    ['a client certificate', () => strict(acme, withCertificate('trusted')), adminUser],
    [
      'a token, where only certificates count',
      () => certificatesOnly(acme, caller(elsewhere, `Bearer ${token}`)),
      anonymousUser,
    ],
    ['bob, in small letters', () => authenticate(acme, caller(elsewhere, `bearer ${token}`)), bob],
  ])('%s', async (_, ask, expected) => {
    expect(await ask()).toEqual(expected);
  });

  it.each([
    ['nonsense', () => authenticate(acme, caller(elsewhere, 'Bearer nonsense')), 'token is no JWT'],
    [
      'two tokens',
      () => authenticate(acme, caller(elsewhere, `Bearer ${token} ${token}`)),
      'token is no JWT',
    ],
    [
      'a client certificate of others, whatever token comes with it',
      () => authenticate(acme, withCertificate('untrusted', `Bearer ${token}`)),
      'none of the accepted authorities has signed it',
    ],
    [
      'the token of another tenant',
      () => authenticate(globex, caller(elsewhere, `Bearer ${token}`)),
      /^there is no signing key/,
    ],
    [
      'a token out of date',
      async () => {
        now = start + 3_600_000;
        await authenticate(acme, caller(elsewhere, `Bearer ${token}`)).finally(() => {
          now = start;
        });
      },
      'token is expired',
    ],
  ])('refuses %s and tells the reason to the log alone', async (_, ask, reason) => {
    await expect(ask()).rejects.toMatchObject({
      code: 'unauthenticated',
      title: 'Invalid authentication data',
      message: 'Unauthenticated',
    });
    expect(reasons.at(-1)).toMatchObject({ reason });
    expect(JSON.stringify(reasons)).not.toContain(token.split('.')[2]);
  });
});
