import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { newSigningKey } from './new-signing-key.ts';
import { parseDataplaneTokenRequest, parseUserTokenRequest, parseZoneTokenRequest } from './requests.ts';
import { tenantOfToken } from './token-tenant.ts';
import { createSecrets } from './tokens.fixture.ts';
import { createTokens, type Tokens } from './tokens.ts';

const acme = tenantId('acme');
const globex = tenantId('globex');
const start = Date.parse('2026-11-20T12:00:00.700Z');

let keys: string[];
beforeAll(async () => {
  keys = (await Promise.all([newSigningKey(), newSigningKey(), newSigningKey()])).map((key) => key.reveal());
});

let secrets: ReturnType<typeof createSecrets>;
let now: number;
let count: number;
let tokens: Tokens;
beforeEach(() => {
  secrets = createSecrets();
  secrets.put('acme', 'default', 'dataplane-token-signing-key-default-1', keys[0] ?? '');
  secrets.put('acme', '', 'zone-token-signing-key-1', keys[1] ?? '');
  secrets.put('acme', '', 'user-token-signing-key-1', keys[1] ?? '');
  now = start;
  count = 0;
  tokens = createTokens({ secrets: secrets.reader, clock: () => now, ids: () => `id-${++count}` });
});

const request = (body: object) => parseDataplaneTokenRequest({ mesh: 'default', validFor: '1h', ...body });

function decode(token: string): { header: unknown; claims: Record<string, unknown> } {
  const [header = '', claims = ''] = token.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: read(header), claims: read(claims) };
}

describe('issuing', () => {
  it('writes a dataplane token as Kuma does', async () => {
    const token = await tokens.issueDataplane(
      acme,
      request({ tags: { 'kuma.io/service': ['web', 'api', 'web'] } }),
    );
    const iat = Date.parse('2026-11-20T11:59:55Z') / 1000;
    expect(decode(token)).toEqual({
      header: { alg: 'RS256', kid: '1', typ: 'JWT' },
      claims: {
        Name: '',
        Mesh: 'default',
        Tags: { 'kuma.io/service': ['api', 'web'] },
        Type: '',
        Workload: '',
        exp: iat + 3605,
        nbf: iat,
        iat,
        jti: 'id-1',
        iss: 'acme',
      },
    });
  });

  it('writes zone and user tokens as Kuma does', async () => {
    const zone = await tokens.issueZone(acme, parseZoneTokenRequest({ zone: 'east', scope: ['cp'] }));
    expect(decode(zone).claims).toMatchObject({ Zone: 'east', Scope: ['cp'] });
    const user = await tokens.issueUser(acme, parseUserTokenRequest({ name: 'bob', validFor: '1s' }));
    expect(decode(user).claims).toMatchObject({ Name: 'bob', Groups: null });
  });

  it.each([
    [['1', '2'], '2'],
    [['9', '10'], '10'],
    [['', '1'], '1'],
    [['', 'x'], '0'],
    [['3', '3-4', '-1', '1e9'], '3'],
  ])('signs with the greatest of the serials %j', async (serials, expected) => {
    secrets.delete('acme', 'default', 'dataplane-token-signing-key-default-1');
    for (const serial of serials) {
      const name = `dataplane-token-signing-key-default${serial === '' ? '' : `-${serial}`}`;
      secrets.put('acme', 'default', name, keys[0] ?? '');
    }
    const token = await tokens.issueDataplane(acme, request({}));
    expect(decode(token).header).toMatchObject({ kid: expected });
    expect((await tokens.validateDataplane(acme, 'default', token)).kid).toBe(expected);
  });

  it('says what is missing where there is no key', async () => {
    await expect(tokens.issueDataplane(acme, request({ mesh: 'ghost' }))).rejects.toMatchObject({
      code: 'not_found',
      title: 'Signing Key not found',
      message:
        'there is no signing key with KID 1. Secret of name "dataplane-token-signing-key-ghost-1" in mesh "ghost" is not found. If signing key was rotated, regenerate the token',
    });
    await expect(
      tokens.issueUser(globex, parseUserTokenRequest({ name: 'x', validFor: '1h' })),
    ).rejects.toMatchObject({
      message:
        'there is no signing key with KID 1. GlobalSecret of name "user-token-signing-key-1" is not found. If signing key was rotated, regenerate the token',
    });
  });

  it.each([
    ['nonsense', 'no key'],
    [
      'an EC key',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }),
    ],
    [
      'a short key',
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
    ],
  ])('tells that a key is %s, not what is in it', async (_, contents) => {
    secrets.put('acme', 'default', 'dataplane-token-signing-key-default-2', contents);
    const error: unknown = await tokens.issueDataplane(acme, request({})).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'internal',
      message: /^signing key dataplane-token-signing-key-default-2 /,
    });
    expect(String(error)).not.toContain(String(contents).slice(0, 6));
  });

  it.each<[string, (key: KeyObject) => string | Buffer]>([
    ['PKCS #8', (key) => key.export({ type: 'pkcs8', format: 'pem' })],
    ['bare PKCS #1', (key) => key.export({ type: 'pkcs1', format: 'der' })],
  ])('takes a key as %s', async (_, form) => {
    const token = await tokens.issueDataplane(acme, request({ name: 'web-1' }));
    secrets.put(
      'acme',
      'default',
      'dataplane-token-signing-key-default-1',
      form(createPrivateKey(keys[0] ?? '')),
    );
    expect((await tokens.validateDataplane(acme, 'default', token)).claims.Name).toBe('web-1');
  });
});

describe('validating', () => {
  it('gives claims, id, end and key', async () => {
    const token = await tokens.issueDataplane(
      acme,
      request({ name: 'web-1', tags: { a: ['b'] }, workload: 'w' }),
    );
    expect(await tokens.validateDataplane(acme, 'default', token)).toMatchObject({
      claims: { Name: 'web-1', Mesh: 'default', Tags: { a: ['b'] }, Type: '', Workload: 'w' },
      id: 'id-1',
      expires: Math.floor((start + 3_600_000) / 1000) * 1000,
      kid: '1',
    });
  });

  it.each([
    [-5_700, undefined],
    [-5_701, 'token is not valid yet'],
    [3_599_000, undefined],
    [3_600_000, 'token is expired'],
  ])('%d ms after it was issued', async (later, message) => {
    const token = await tokens.issueDataplane(acme, request({}));
    now = start + later;
    const valid = tokens.validateDataplane(acme, 'default', token);
    if (message === undefined) await expect(valid).resolves.toBeDefined();
    else await expect(valid).rejects.toMatchObject({ code: 'unauthenticated', message });
  });

  it('refuses the tokens of another tenant, mesh or kind', async () => {
    secrets.put('globex', 'default', 'dataplane-token-signing-key-default-1', keys[2] ?? '');
    secrets.put('acme', 'other', 'dataplane-token-signing-key-other-1', keys[2] ?? '');
    const token = await tokens.issueDataplane(acme, request({}));
    const wrong = { code: 'unauthenticated', message: 'token has a wrong signature' };
    await expect(tokens.validateDataplane(globex, 'default', token)).rejects.toMatchObject(wrong);
    await expect(tokens.validateDataplane(acme, 'other', token)).rejects.toMatchObject(wrong);
    await expect(tokens.validateUser(acme, token)).rejects.toMatchObject(wrong);
  });

  it('refuses a token of another tenant, also where both have the same key', async () => {
    secrets.put('globex', 'default', 'dataplane-token-signing-key-default-1', keys[0] ?? '');
    const token = await tokens.issueDataplane(acme, request({}));
    await expect(tokens.validateDataplane(globex, 'default', token)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'token is for another control plane',
    });
  });

  it.each(['default', 'global'])('refuses what is revoked, wherever the list is: %s', async (where) => {
    const first = await tokens.issueDataplane(acme, request({}));
    const second = await tokens.issueDataplane(acme, request({}));
    const mesh = where === 'default' ? 'default' : '';
    secrets.put('acme', mesh, 'dataplane-token-revocations-default', 'other, id-2,\n');
    await expect(tokens.validateDataplane(acme, 'default', first)).resolves.toBeDefined();
    await expect(tokens.validateDataplane(acme, 'default', second)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'token is revoked',
    });
  });

  it('follows the rotation of keys', async () => {
    const old = await tokens.issueDataplane(acme, request({}));
    secrets.put('acme', 'default', 'dataplane-token-signing-key-default-2', keys[1] ?? '');
    const young = await tokens.issueDataplane(acme, request({}));
    expect((await tokens.validateDataplane(acme, 'default', old)).kid).toBe('1');
    expect((await tokens.validateDataplane(acme, 'default', young)).kid).toBe('2');
    secrets.delete('acme', 'default', 'dataplane-token-signing-key-default-1');
    await expect(tokens.validateDataplane(acme, 'default', old)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: /^there is no signing key with KID 1\. /,
    });
  });

  it('does not keep a key whose secret was made anew under the same name and version', async () => {
    const token = await tokens.issueDataplane(acme, request({}));
    await tokens.validateDataplane(acme, 'default', token);
    secrets.put('acme', 'default', 'dataplane-token-signing-key-default-1', keys[2] ?? '');
    await expect(tokens.validateDataplane(acme, 'default', token)).rejects.toMatchObject({
      message: 'token has a wrong signature',
    });
  });

  describe('what is forged or broken', () => {
    const claims = { Name: 'web-1', Mesh: 'default', exp: 4_000_000_000 };
    const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const sign = (header: { alg: string; kid?: string }, payload: Record<string, unknown> = claims) =>
      new SignJWT(payload).setProtectedHeader(header).sign(createPrivateKey(keys[0] ?? ''));
    /** Signed by HMAC under the public key, for those who would take it for a shared secret. */
    function confused(): string {
      const body = `${text({ alg: 'HS256', kid: '1' })}.${text(claims)}`;
      return `${body}.${createHmac('sha256', keys[0] ?? '')
        .update(body)
        .digest('base64url')}`;
    }

    it.each<[string, () => string | Promise<string>, string | RegExp]>([
      ['nothing', () => '', 'no token was given'],
      ['no JWT', () => 'nonsense', 'token is no JWT'],
      ['three parts of nonsense', () => 'a.b.c', 'token is no JWT'],
      ['too long', () => 'x'.repeat(70_000), 'token must be <= 65536 characters, got 70000'],
      [
        'unsigned',
        () => `${text({ alg: 'none', kid: '1' })}.${text(claims)}.`,
        'token must be signed with RS256',
      ],
      ['another algorithm', confused, 'token must be signed with RS256'],
      ['another hash', () => sign({ alg: 'RS512', kid: '1' }), 'token must be signed with RS256'],
      ['another padding', () => sign({ alg: 'PS256', kid: '1' }), 'token must be signed with RS256'],
      ['no kid', () => sign({ alg: 'RS256' }), 'token has no kid in its header'],
      ['an unknown kid', () => sign({ alg: 'RS256', kid: '7' }), /^there is no signing key with KID 7\. /],
      [
        'a kid that is a path',
        () => sign({ alg: 'RS256', kid: '1/../x' }),
        /^there is no signing key with KID 1\/\.\.\/x\. /,
      ],
      [
        'claims of another type',
        () => sign({ alg: 'RS256', kid: '1' }, { ...claims, Tags: 'x' }),
        'token has claims of another kind',
      ],
      [
        'a text as its end',
        () => sign({ alg: 'RS256', kid: '1' }, { exp: 'tomorrow' } as never),
        /^token has a wrong claim exp$/,
      ],
    ])('%s', async (_, forge, message) => {
      await expect(tokens.validateDataplane(acme, 'default', await forge())).rejects.toMatchObject({
        code: 'unauthenticated',
        message,
      });
    });

    it('a kid that is no serial, also where a secret has that name', async () => {
      secrets.put('acme', 'default', 'dataplane-token-signing-key-default-mine', keys[0] ?? '');
      const token = await sign({ alg: 'RS256', kid: 'mine' });
      await expect(tokens.validateDataplane(acme, 'default', token)).rejects.toMatchObject({
        message: /^there is no signing key with KID mine\. /,
      });
    });

    it('a changed claim', async () => {
      const [header, , signature] = (await tokens.issueDataplane(acme, request({}))).split('.');
      const forged = [header, text(claims), signature].join('.');
      await expect(tokens.validateDataplane(acme, 'default', forged)).rejects.toMatchObject({
        message: 'token has a wrong signature',
      });
    });

    it('is no reason to take the signature of a good one without an end for bad', async () => {
      const token = await sign({ alg: 'RS256', kid: '1' }, { Name: 'web-1' });
      secrets.put('acme', 'default', 'dataplane-token-revocations-default', '');
      const valid = await tokens.validateDataplane(acme, 'default', token);
      expect(valid).toMatchObject({ id: '', claims: { Name: 'web-1', Mesh: '', Tags: {} } });
      expect(valid.expires).toBeUndefined();
    });
  });
});

describe('tenantOfToken', () => {
  it('reads what is not believed yet', async () => {
    expect(tenantOfToken(await tokens.issueDataplane(acme, request({})))).toBe('acme');
  });

  it.each([
    '',
    'nonsense',
    'a.b.c',
    `e30.${'e'.repeat(70_000)}.x`,
    'e30.eyJpc3MiOiJObyBUZW5hbnQifQ.x',
    'e30.eyJpc3MiOjV9.x',
    'e30.e30.x',
  ])('gives nothing for %.40j', (token) => {
    expect(tenantOfToken(token)).toBeUndefined();
  });
});

describe('whyEnded', () => {
  it.each<[string, () => void, string | RegExp | undefined]>([
    ['still good', () => {}, undefined],
    [
      'its time is over',
      () => {
        now += 3_600_000;
      },
      'token is expired',
    ],
    [
      'revoked',
      () => secrets.put('acme', 'default', 'dataplane-token-revocations-default', 'id-1'),
      'token is revoked',
    ],
    [
      'key gone',
      () => secrets.delete('acme', 'default', 'dataplane-token-signing-key-default-1'),
      /^there is no signing key/,
    ],
    [
      'key replaced',
      () => secrets.put('acme', 'default', 'dataplane-token-signing-key-default-1', keys[2] ?? ''),
      /^there is no signing key/,
    ],
  ])('%s', async (_, change, expected) => {
    const valid = await tokens.validateDataplane(
      acme,
      'default',
      await tokens.issueDataplane(acme, request({})),
    );
    change();
    const reason = await tokens.whyEnded(acme, valid);
    if (expected instanceof RegExp) expect(reason).toMatch(expected);
    else expect(reason).toBe(expected);
  });
});
