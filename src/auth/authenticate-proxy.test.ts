import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { newSigningKey } from '../tokens/new-signing-key.ts';
import { parseDataplaneTokenRequest, parseZoneTokenRequest } from '../tokens/requests.ts';
import { createSecrets } from '../tokens/tokens.fixture.ts';
import { createTokens, type Tokens } from '../tokens/tokens.ts';
import { createProxyAuthentication, type ProxyAuthentication } from './authenticate-proxy.ts';
import type { ManagedDataplane, ManageOptions } from './manage-dataplane.ts';

const acme = tenantId('acme');
let keys: readonly string[];
beforeAll(async () => {
  keys = [(await newSigningKey()).reveal(), (await newSigningKey()).reveal()];
});

let now: number;
let secrets: ReturnType<typeof createSecrets>;
let tokens: Tokens;
let authentication: ProxyAuthentication;
beforeEach(() => {
  now = Date.parse('2026-11-20T12:00:00Z');
  secrets = createSecrets();
  secrets.put('acme', 'default', 'dataplane-token-signing-key-default-1', keys[0] ?? '');
  secrets.put('acme', '', 'zone-token-signing-key-1', keys[1] ?? '');
  tokens = createTokens({ secrets: secrets.reader, clock: () => now, ids: () => 'id' });
  authentication = createProxyAuthentication(tokens);
});

const web: ManagedDataplane = {
  mesh: 'default',
  name: 'web-1',
  labels: { 'kuma.io/workload': 'w' },
  spec: {
    networking: {
      inbound: [
        { port: 1, tags: { 'kuma.io/service': 'web', version: '1' } },
        { port: 2, tags: { 'kuma.io/service': 'admin' } },
      ],
    },
  },
};
const gateway: ManagedDataplane = {
  mesh: 'default',
  name: 'edge-1',
  labels: {},
  spec: { networking: { gateway: { tags: { 'kuma.io/service': 'edge' } } } },
};

async function credential(asked: object) {
  const request = parseDataplaneTokenRequest({ mesh: 'default', validFor: '1h', ...asked });
  return await authentication.dataplane(acme, 'default', await tokens.issueDataplane(acme, request));
}

describe('a dataplane token', () => {
  const service = (...values: string[]) => ({ tags: { 'kuma.io/service': values } });
  it.each<[string, object, ManagedDataplane, string | undefined, ManageOptions?]>([
    ['for the mesh', {}, web, undefined],
    ['for the name', { name: 'web-1' }, web, undefined],
    ['for another name', { name: 'web-2' }, web, 'token is for the proxy "web-2", this one is "web-1"'],
    ['of the type', { type: 'dataplane' }, web, undefined],
    [
      'of another type',
      { type: 'ingress' },
      web,
      'token is for proxies of type "ingress", not for a dataplane',
    ],
    ['for all services', service('web', 'admin'), web, undefined],
    ['for more services', service('web', 'admin', 'x'), web, undefined],
    [
      'for one of two services',
      service('web'),
      web,
      'dataplane has the tag "kuma.io/service" with "admin", the token allows ["web"]',
    ],
    ['for a tag that one inbound has', { tags: { version: ['1'] } }, web, undefined],
    [
      'for a tag that none has',
      { tags: { team: ['a'] } },
      web,
      'token asks for the tag "team", which the dataplane does not have',
    ],
    ['for a tag without values, which is no limit', { tags: { version: [] } }, web, undefined],
    ['for the gateway', service('edge'), gateway, undefined],
    [
      'for another gateway',
      service('web'),
      gateway,
      'dataplane has the tag "kuma.io/service" with "edge", the token allows ["web"]',
    ],
    ['for the workload', { workload: 'w' }, web, undefined],
    [
      'for another workload',
      { workload: 'v' },
      web,
      'token is for the workload "v", the dataplane belongs to "w"',
    ],
    [
      'for a workload that it has not',
      { workload: 'v' },
      gateway,
      'token is for the workload "v", the dataplane has no label kuma.io/workload',
    ],
    [
      'for no workload, where that makes the identity',
      {},
      web,
      'identity of the dataplane follows from its workload "w", so the token must be for that workload',
      { identityFromWorkload: true },
    ],
    [
      'for the workload that makes the identity',
      { workload: 'w' },
      web,
      undefined,
      { identityFromWorkload: true },
    ],
    ['for no workload, and it has none', {}, gateway, undefined, { identityFromWorkload: true }],
  ])('%s', async (_, asked, dataplane, reason, options) => {
    const given = await credential(asked);
    if (reason === undefined) given.requireManage(dataplane, options);
    else {
      expect(() => given.requireManage(dataplane, options)).toThrowError(
        expect.objectContaining({ code: 'forbidden', message: reason }),
      );
    }
    expect(given.mayReplace(dataplane, options)).toBe(reason === undefined);
  });

  it('of another mesh under the same key', async () => {
    secrets.put('acme', 'other', 'dataplane-token-signing-key-other-1', keys[0] ?? '');
    const token = await tokens.issueDataplane(acme, parseDataplaneTokenRequest({ mesh: 'default' }));
    const given = await authentication.dataplane(acme, 'other', token);
    expect(() => given.requireManage({ ...web, mesh: 'other' })).toThrow(
      'token is for mesh "default", the proxy is in "other"',
    );
  });

  it('does not take over the proxy of another service under the same name', async () => {
    const given = await credential(service('intruder'));
    const own: ManagedDataplane = {
      ...web,
      spec: { networking: { inbound: [{ port: 1, tags: { 'kuma.io/service': 'intruder' } }] } },
    };
    given.requireManage(own);
    expect(given.mayReplace(web)).toBe(false);
  });

  it('ends: by time, by revocation, by its key', async () => {
    const given = await credential({});
    expect(given.expires).toBe(now + 3_600_000);
    expect(await given.check()).toBeUndefined();
    secrets.put('acme', 'default', 'dataplane-token-revocations-default', 'id');
    expect(await given.check()).toMatchObject({ code: 'unauthenticated', message: 'token is revoked' });
  });

  it('that is none is refused', async () => {
    await expect(authentication.dataplane(acme, 'default', '')).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'no token was given',
    });
  });
});

describe('a zone token', () => {
  it.each<[string, object, 'ingress' | 'egress', string | undefined]>([
    ['for the zone', { zone: 'east', scope: ['ingress', 'egress'] }, 'egress', undefined],
    ['for any zone', { scope: ['ingress'] }, 'ingress', undefined],
    [
      'for another scope',
      { scope: ['egress', 'cp'] },
      'ingress',
      'token is for [egress, cp], not for zone ingress',
    ],
    [
      'for another zone',
      { zone: 'west', scope: ['ingress'] },
      'ingress',
      'token is for zone "west", this is "east"',
    ],
  ])('%s', async (_, asked, scope, reason) => {
    const token = await tokens.issueZone(acme, parseZoneTokenRequest({ validFor: '1h', ...asked }));
    const authenticated = authentication.zoneProxy(acme, 'east', scope, token);
    if (reason === undefined) expect((await authenticated).expires).toBe(now + 3_600_000);
    else await expect(authenticated).rejects.toMatchObject({ code: 'forbidden', message: reason });
  });

  it('is no dataplane token', async () => {
    const token = await tokens.issueZone(acme, parseZoneTokenRequest({ scope: ['ingress'] }));
    await expect(authentication.dataplane(acme, 'default', token)).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});
