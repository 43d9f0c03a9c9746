import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { settingsByTenant, tokenSettingsOf } from './token-environment.ts';
import { defaultTokenSettings } from './token-settings.ts';

const { publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const dataplane = 'KUMA_DP_SERVER_AUTHN_DP_PROXY_DP_TOKEN';
const keys = `${dataplane}_VALIDATOR_PUBLIC_KEYS`;
const files: Readonly<Record<string, string>> = { '/keys/a.pem': publicKey };
const readFile = (path: string) => files[path] ?? fail(path);

function fail(path: string): never {
  throw new Error(`there is no file ${path}`);
}

it('is as in Kuma unless told', () => {
  expect(tokenSettingsOf({ [keys]: '' }, readFile)).toEqual(defaultTokenSettings);
});

it('is told for each kind', () => {
  const settings = tokenSettingsOf(
    {
      KUMA_DP_SERVER_AUTHN_ZONE_PROXY_ZONE_TOKEN_ENABLE_ISSUER: 'false',
      KUMA_API_SERVER_AUTHN_TOKENS_VALIDATOR_USE_SECRETS: 'F',
      [`${dataplane}_ENABLE_ISSUER`]: 'TRUE',
      [keys]: JSON.stringify([
        { kid: 1, keyFile: '/keys/a.pem', mesh: 'demo' },
        { kid: 'two', key: publicKey },
      ]),
    },
    readFile,
  );
  expect([settings.zone.enableIssuer, settings.user.useSecrets, settings.dataplane.enableIssuer]).toEqual([
    false,
    false,
    true,
  ]);
  expect(settings.dataplane.publicKeys).toMatchObject([{ kid: '1', mesh: 'demo' }, { kid: 'two' }]);
  const [one, two] = settings.dataplane.publicKeys;
  expect(one?.digest).toBe(two?.digest);
  expect(two?.mesh).toBeUndefined();
});

it.each<[string, string, string]>([
  [`${dataplane}_ENABLE_ISSUER`, 'maybe', `${dataplane}_ENABLE_ISSUER takes true or false, got "maybe"`],
  [keys, '{', 'takes a list of {kid, key or keyFile} in JSON'],
  [keys, '[{"key":"x"}]', 'takes a list of {kid, key or keyFile} in JSON'],
  [keys, '[{"kid":"a","path":"x"}]', 'takes a list of {kid, key or keyFile} in JSON'],
  [keys, '[{"kid":"a"}]', 'the key "a" takes either key or keyFile'],
  [keys, '[{"kid":"a","key":"x","keyFile":"y"}]', 'the key "a" takes either key or keyFile'],
  [keys, '[{"kid":"a","key":"x"}]', '"a" is no public key in PEM'],
  [keys, '[{"kid":"a","keyFile":"/none"}]', 'there is no file /none'],
])('%s=%s is refused', (name, value, message) => {
  expect(() => tokenSettingsOf({ [name]: value }, readFile)).toThrow(name);
  expect(() => tokenSettingsOf({ [name]: value }, readFile)).toThrow(message);
});

it('gives the keys to one tenant alone, and the rest to all', () => {
  const list = JSON.stringify([{ kid: 'a', keyFile: '/keys/a.pem' }]);
  const settings = tokenSettingsOf({ [keys]: list, [`${dataplane}_ENABLE_ISSUER`]: '0' }, readFile);
  const of = settingsByTenant(settings, tenantId('acme'));
  expect(of(tenantId('acme')).dataplane.publicKeys).toHaveLength(1);
  expect(of(tenantId('globex')).dataplane).toEqual({ enableIssuer: false, useSecrets: true, publicKeys: [] });
  expect(settingsByTenant(settings, undefined)(tenantId('acme')).dataplane.publicKeys).toEqual([]);
});
