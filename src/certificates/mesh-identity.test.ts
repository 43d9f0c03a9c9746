import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CaBackend, MeshSpec } from '../model/types/mesh.ts';
import type { KeyPair } from './authority.ts';
import { createBuiltinAuthority } from './mesh-authority.ts';
import { createMeshIdentityIssuer, type MeshIdentity, type MeshIdentityIssuer } from './mesh-identity.ts';
import { tagSetOf } from './tag-set.ts';

const start = Date.parse('2026-11-20T12:00:00Z');
const hour = 3_600_000;
const backend: CaBackend = { name: 'ca', type: 'builtin' };
const spec: MeshSpec = { mtls: { enabledBackend: 'ca', backends: [backend] } };
const tags = tagSetOf({
  networking: {
    inbound: [
      { port: 1, tags: { 'kuma.io/service': 'web', version: '1' } },
      { port: 2, tags: { 'kuma.io/service': 'admin', version: '1' } },
    ],
  },
});

let pair: KeyPair;
let now: number;
let issue: MeshIdentityIssuer;
beforeEach(async () => {
  now = start;
  pair = await createBuiltinAuthority('demo', backend, now);
  issue = createMeshIdentityIssuer({ clock: () => now });
});

const sources = {
  secret: (name: string) =>
    Buffer.from(name === 'demo.ca-builtin-cert-ca' ? pair.certificate : pair.key.reveal()),
};

function must(identity: MeshIdentity | undefined): MeshIdentity {
  return identity ?? expect.fail('no identity was issued');
}

it('tagSetOf collects the values of inbounds and gateway', () => {
  expect(tags).toEqual(
    new Map([
      ['kuma.io/service', new Set(['web', 'admin'])],
      ['version', new Set(['1'])],
    ]),
  );
  expect(tagSetOf({ networking: { gateway: { tags: { 'kuma.io/service': 'edge' } } } })).toEqual(
    new Map([['kuma.io/service', new Set(['edge'])]]),
  );
  expect(tagSetOf({})).toEqual(new Map());
});

it('issues by the authority of the enabled backend', () => {
  const identity = must(issue({ mesh: 'demo', spec, tags, sources }));
  expect(identity).toMatchObject({
    trustedCa: pair.certificate,
    backend: 'ca',
    issuedAt: start,
    notAfter: start + 24 * hour,
    rotateAt: start + 19.2 * hour,
  });
  const leaf = new X509Certificate(identity.certificateChain);
  expect(leaf.verify(new X509Certificate(pair.certificate).publicKey)).toBe(true);
  expect(leaf.subjectAltName).toMatch(/^URI:spiffe:\/\/demo\/admin, URI:spiffe:\/\/demo\/web, /);
});

it('issues nothing while there is no mTLS', () => {
  expect(issue({ mesh: 'demo', spec: {}, tags, sources })).toBeUndefined();
});

describe('a previous identity', () => {
  const enabled = (one: CaBackend): MeshSpec => ({
    mtls: { enabledBackend: one.name ?? '', backends: [one] },
  });

  it('is kept while it fits', () => {
    const previous = issue({ mesh: 'demo', spec, tags, sources });
    now += 19 * hour;
    const other = enabled({ ...backend, mode: 'PERMISSIVE' });
    expect(issue({ mesh: 'demo', spec: other, tags, sources, previous })).toBe(previous);
  });

  it.each<[string, () => void, Partial<Parameters<MeshIdentityIssuer>[0]>]>([
    [
      'when four fifths of its life are over',
      () => {
        now += 19.2 * hour;
      },
      {},
    ],
    ['for other tags', () => {}, { tags: new Map([['kuma.io/service', new Set(['web'])]]) }],
    [
      'for another lifetime',
      () => {},
      { spec: enabled({ ...backend, dpCert: { rotation: { expiration: '1h' } } }) },
    ],
  ])('is replaced %s', (_, change, other) => {
    const previous = must(issue({ mesh: 'demo', spec, tags, sources }));
    change();
    const next = must(issue({ mesh: 'demo', spec, tags, sources, previous, ...other }));
    expect(next.id).not.toBe(previous.id);
    expect(next.issuedAt).toBe(now);
  });

  it('is replaced for another authority', async () => {
    const previous = must(issue({ mesh: 'demo', spec, tags, sources }));
    pair = await createBuiltinAuthority('demo', backend, now);
    const next = must(issue({ mesh: 'demo', spec, tags, sources, previous }));
    expect(next.trustedCa).toBe(pair.certificate);
    expect(next.basis).not.toBe(previous.basis);
  });
});

it('says which Secret is missing', () => {
  expect(() => issue({ mesh: 'demo', spec, tags, sources: { secret: () => undefined } })).toThrow(
    'could not load data: resource not found: type="Secret" name="demo.ca-builtin-key-ca" mesh="demo"',
  );
});
