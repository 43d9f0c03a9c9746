import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { newSigningKey } from './new-signing-key.ts';
import { parseDataplaneTokenRequest, parseUserTokenRequest } from './requests.ts';
import { readPublicKey } from './rsa-keys.ts';
import {
  type ConfiguredKey,
  defaultTokenSettings,
  type TokenKindSettings,
  type TokenSettings,
} from './token-settings.ts';
import { createSecrets } from './tokens.fixture.ts';
import { createTokens, type Tokens } from './tokens.ts';

const acme = tenantId('acme');
const globex = tenantId('globex');
const now = Date.parse('2026-11-20T12:00:00.700Z');
const elsewhere = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: KeyObject) => key.export({ type: 'pkcs1', format: 'pem' }).toString();
const publicPem = pem(elsewhere.publicKey);
const request = (body: object) => parseDataplaneTokenRequest({ mesh: 'default', validFor: '1h', ...body });

let key: string;
beforeAll(async () => {
  key = (await newSigningKey()).reveal();
});

let secrets: ReturnType<typeof createSecrets>;
let tokens: Tokens;
beforeEach(() => {
  secrets = createSecrets();
  secrets.put('acme', 'default', 'dataplane-token-signing-key-default-1', key);
  secrets.put('acme', '', 'user-token-signing-key-1', key);
  let count = 0;
  tokens = createTokens({ secrets: secrets.reader, clock: () => now, ids: () => `id-${++count}` });
});

describe('tokens that are signed elsewhere', () => {
  /** A token as `kumactl generate … --signing-key-path` makes it: without an issuer. */
  const sign = (claims: object, kid = 'mine', signer = elsewhere.privateKey) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor(now / 1000) + 3600)
      .setJti('far')
      .sign(signer);
  const dataplaneToken = () => sign({ Name: 'web-1', Mesh: 'default', Tags: {}, Type: '', Workload: '' });

  it.each<[string, string, string]>([
    ['of the mesh', 'default', 'dataplane-token-signing-public-key-default-mine'],
    ['of all meshes', '', 'dataplane-token-signing-public-key-mine'],
  ])('count by a public key %s', async (_, mesh, name) => {
    const token = await dataplaneToken();
    await expect(tokens.validateDataplane(acme, 'default', token)).rejects.toThrow(
      'there is no signing key with KID mine',
    );
    secrets.put('acme', mesh, name, publicPem);
    const valid = await tokens.validateDataplane(acme, 'default', token);
    expect(valid).toMatchObject({ claims: { Name: 'web-1' }, id: 'far', kid: 'mine' });
    await expect(tokens.validateDataplane(globex, 'default', token)).rejects.toMatchObject({
      code: 'unauthenticated',
    });

    secrets.put('acme', mesh, name, pem(other.publicKey));
    expect(await tokens.whyEnded(acme, valid)).toContain('there is no signing key with KID mine');
    secrets.put('acme', mesh, name, publicPem);
    expect(await tokens.whyEnded(acme, valid)).toBeUndefined();
    secrets.put('acme', 'default', 'dataplane-token-revocations-default', 'far');
    expect(await tokens.whyEnded(acme, valid)).toBe('token is revoked');
    await expect(tokens.validateDataplane(acme, 'default', token)).rejects.toThrow('token is revoked');
  });

  it('are of zones and users too', async () => {
    secrets.put('acme', '', 'zone-token-signing-public-key-mine', publicPem);
    secrets.put('acme', '', 'user-token-signing-public-key-mine', publicPem);
    const zone = await sign({ Zone: 'east', Scope: ['egress'] });
    expect((await tokens.validateZone(acme, zone)).claims).toEqual({ Zone: 'east', Scope: ['egress'] });
    const user = await sign({ Name: 'ann', Groups: null });
    expect((await tokens.validateUser(acme, user)).claims).toEqual({ Name: 'ann', Groups: [] });
  });

  it('count beside those that are signed here by a key of the same name', async () => {
    secrets.put('acme', 'default', 'dataplane-token-signing-public-key-default-1', publicPem);
    const here = await tokens.issueDataplane(acme, request({}));
    const far = await sign({ Mesh: 'default' }, '1');
    const forged = await sign({ Mesh: 'default' }, '1', other.privateKey);
    expect((await tokens.validateDataplane(acme, 'default', here)).id).toBe('id-1');
    expect((await tokens.validateDataplane(acme, 'default', far)).id).toBe('far');
    await expect(tokens.validateDataplane(acme, 'default', forged)).rejects.toThrow(
      'token has a wrong signature',
    );
  });

  it.each<[string, () => string]>([
    ['a private key', () => pem(elsewhere.privateKey)],
    ['nonsense', () => '-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----'],
    ['a key that is too short', () => pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)],
    ['no key', () => ''],
  ])('do not count by %s', async (_, contents) => {
    secrets.put('acme', 'default', 'dataplane-token-signing-public-key-default-mine', contents());
    await expect(tokens.validateDataplane(acme, 'default', await dataplaneToken())).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it.each(['../x', 'A', '', '-', `${'a'.repeat(200)}`])('are not looked for by %j', async (kid) => {
    secrets.put('acme', 'default', `dataplane-token-signing-public-key-default-${kid}`, publicPem);
    const token = await sign({ Mesh: 'default' }, kid);
    await expect(tokens.validateDataplane(acme, 'default', token)).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  describe('with keys of the deployment', () => {
    const settings = (kind: Partial<TokenKindSettings>): TokenSettings => ({
      ...defaultTokenSettings,
      dataplane: { ...defaultTokenSettings.dataplane, ...kind },
    });
    const configured = { kid: 'Any Name', ...readPublicKey(publicPem, 'mine') };
    const tokensWith = (kind: Partial<TokenKindSettings>) =>
      createTokens({
        secrets: secrets.reader,
        clock: () => now,
        ids: () => 'id',
        settings: (tenant) => (tenant === acme ? settings(kind) : defaultTokenSettings),
      });
    const token = () => sign({ Mesh: 'default' }, 'Any Name');

    it.each<[string, ConfiguredKey, string, boolean]>([
      ['of the mesh', { ...configured, mesh: 'default' }, 'default', true],
      ['of every mesh', configured, 'default', true],
      ['of every mesh, as Kuma writes it', { ...configured, mesh: '' }, 'default', true],
      ['of another mesh', { ...configured, mesh: 'default' }, 'other', false],
    ])('%s', async (_, key, mesh, good) => {
      const verdict = tokensWith({ publicKeys: [key] }).validateDataplane(acme, mesh, await token());
      if (good) expect((await verdict).kid).toBe('Any Name');
      else await expect(verdict).rejects.toMatchObject({ code: 'unauthenticated' });
    });

    it('of one tenant are nothing to another', async () => {
      const verdict = tokensWith({ publicKeys: [configured] }).validateDataplane(
        globex,
        'default',
        await token(),
      );
      await expect(verdict).rejects.toMatchObject({ code: 'unauthenticated' });
    });

    it('can be the only ones', async () => {
      const here = await tokens.issueDataplane(acme, request({}));
      const alone = tokensWith({ publicKeys: [configured], useSecrets: false });
      await expect(alone.validateDataplane(acme, 'default', here)).rejects.toMatchObject({
        code: 'unauthenticated',
      });
      expect((await alone.validateDataplane(acme, 'default', await token())).id).toBe('far');
    });
  });

  it('may be all that there are', async () => {
    const dataplane = { ...defaultTokenSettings.dataplane, enableIssuer: false };
    const silent = createTokens({
      secrets: secrets.reader,
      clock: () => now,
      ids: () => 'id',
      settings: () => ({ ...defaultTokenSettings, dataplane }),
    });
    await expect(silent.issueDataplane(acme, request({}))).rejects.toMatchObject({
      code: 'bad_request',
      title: 'Could not issue a token',
      message: 'issuing tokens using the control plane is disabled.',
    });
    expect(await silent.issueUser(acme, parseUserTokenRequest({ name: 'ann', validFor: '1h' }))).toContain(
      '.',
    );
  });
});
