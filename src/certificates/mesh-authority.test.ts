import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { CaBackend, MeshSpec } from '../model/types/mesh.ts';
import { createAuthority } from './authority.ts';
import {
  type AuthoritySources,
  checkProvidedAuthority,
  createBuiltinAuthority,
  enabledBackend,
  identityLifetime,
  resolveAuthority,
} from './mesh-authority.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const hour = 3_600_000;

function secrets(held: Readonly<Record<string, string>>): AuthoritySources {
  return { secret: (name) => (held[name] === undefined ? undefined : Buffer.from(held[name])) };
}

describe('enabledBackend', () => {
  const one: CaBackend = { name: 'one', type: 'builtin' };
  it.each<[string, MeshSpec, CaBackend | undefined]>([
    ['no mTLS', {}, undefined],
    ['a backend that sleeps', { mtls: { backends: [one] } }, undefined],
    ['nothing enabled', { mtls: { enabledBackend: '', backends: [one] } }, undefined],
    [
      'the enabled one',
      { mtls: { enabledBackend: 'one', backends: [{ name: 'two', type: 'builtin' }, one] } },
      one,
    ],
    ['one that is not there', { mtls: { enabledBackend: 'x', backends: [one] } }, undefined],
  ])('%s', (_, spec, expected) => {
    expect(enabledBackend(spec)).toEqual(expected);
  });
});

it.each([
  [undefined, 24 * hour],
  ['', 24 * hour],
  ['2d', 48 * hour],
  ['12h', 12 * hour],
  ['90m', 1.5 * hour],
])('identities live for %j', (expiration, expected) => {
  const rotation = expiration === undefined ? {} : { dpCert: { rotation: { expiration } } };
  expect(identityLifetime({ name: 'x', type: 'builtin', ...rotation })).toBe(expected);
});

describe('builtin', () => {
  it('is P-256 and lasts ten years unless told', async () => {
    const pair = await createBuiltinAuthority('demo', { name: 'ca', type: 'builtin' }, now);
    const certificate = new X509Certificate(pair.certificate);
    expect(certificate.publicKey.asymmetricKeyType).toBe('ec');
    expect(certificate.subject).toBe('O=Kuma\nOU=Mesh\nCN=demo');
    expect(certificate.subjectAltName).toBe('URI:spiffe://demo');
    expect(Date.parse(certificate.validTo)).toBe(now + 10 * 365 * 24 * hour);
  });

  it('is what conf asks for', async () => {
    const conf = { caCert: { RSAbits: 2048, expiration: '720h' } };
    const pair = await createBuiltinAuthority('demo', { name: 'ca', type: 'builtin', conf }, now);
    const certificate = new X509Certificate(pair.certificate);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(Date.parse(certificate.validTo)).toBe(now + 720 * hour);
  });

  it.each([16, 512, 1_000_000])('refuses an RSA size of %d', async (RSAbits) => {
    const made = createBuiltinAuthority(
      'demo',
      { name: 'ca', type: 'builtin', conf: { caCert: { RSAbits } } },
      now,
    );
    await expect(made).rejects.toMatchObject({ code: 'invalid' });
  });

  it('is found in its Secrets again', async () => {
    const backend: CaBackend = { name: 'ca-1', type: 'builtin' };
    const pair = await createBuiltinAuthority('demo', backend, now);
    const held = {
      'demo.ca-builtin-cert-ca-1': pair.certificate,
      'demo.ca-builtin-key-ca-1': pair.key.reveal(),
    };
    const authority = resolveAuthority('demo', backend, secrets(held));
    expect(authority.certificates).toBe(pair.certificate);
    expect(() => resolveAuthority('demo', backend, secrets({}))).toThrowError(
      expect.objectContaining({
        code: 'invalid',
        message:
          'could not load data: resource not found: type="Secret" name="demo.ca-builtin-key-ca-1" mesh="demo"',
      }),
    );
  });
});

describe('provided', async () => {
  const pair = await createAuthority({ kind: 'ec', subject: { commonName: 'x' }, lifetime: hour, now });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const files: AuthoritySources = {
    ...secrets({ c: pair.certificate, k: pair.key.reveal() }),
    file: (path) => Buffer.from(path === '/cert' ? pair.certificate : pair.key.reveal()),
  };
  const provided = (conf: CaBackend['conf']): CaBackend => ({
    name: 'p',
    type: 'provided',
    ...(conf && { conf }),
  });

  it.each<[string, CaBackend['conf']]>([
    ['by secret', { cert: { secret: 'c' }, key: { secret: 'k' } }],
    ['inline', { cert: { inline: base64(pair.certificate) }, key: { inline: base64(pair.key.reveal()) } }],
    ['as text', { cert: { inlineString: pair.certificate }, key: { inlineString: pair.key.reveal() } }],
    ['by file', { cert: { file: '/cert' }, key: { file: '/key' } }],
    ['by two ways', { cert: { inlineString: pair.certificate }, key: { secret: 'k' } }],
  ])('%s', async (_, conf) => {
    expect(resolveAuthority('demo', provided(conf), files).certificates).toBe(pair.certificate);
    expect(checkProvidedAuthority('demo', provided(conf), files).list).toEqual([]);
  });

  const missing = 'could not load data: resource not found: type="Secret" name="x" mesh="demo"';
  it.each<[string, CaBackend['conf'], readonly { field: string; message: unknown }[]]>([
    [
      'a secret that is missing',
      { cert: { secret: 'c' }, key: { secret: 'x' } },
      [
        { field: 'cert', message: missing },
        { field: 'key', message: missing },
      ],
    ],
    [
      'the wrong way round',
      { cert: { secret: 'k' }, key: { secret: 'c' } },
      [{ field: 'cert', message: expect.stringMatching(/^not a valid TLS key pair: /) }],
    ],
    [
      'no source',
      {},
      [
        { field: 'cert', message: 'unsupported type of the DataSource' },
        { field: 'key', message: 'unsupported type of the DataSource' },
      ],
    ],
    [
      'a conf of another shape',
      { cert: 5 },
      [
        { field: 'cert', message: 'conf of backend "p" cannot be read' },
        { field: 'key', message: 'conf of backend "p" cannot be read' },
      ],
    ],
  ])('%s', async (_, conf, expected) => {
    expect(checkProvidedAuthority('demo', provided(conf), files).list).toEqual(expected);
    expect(() => resolveAuthority('demo', provided(conf), files)).toThrowError(
      expect.objectContaining({ code: 'invalid' }),
    );
  });

  it('reads no files where tenants share the machine', async () => {
    const backend = provided({ cert: { file: '/etc/passwd' }, key: { file: '/etc/shadow' } });
    expect(() => resolveAuthority('demo', backend, secrets({}))).toThrowError(
      expect.objectContaining({
        message: 'could not load data: this control plane reads no files, use a secret',
      }),
    );
  });
});

const folder = join(process.env.CONFORMANCE_DIR ?? '../shared/conformance', 'xds');

describe.skipIf(!existsSync(folder))('meshes that were recorded', () => {
  it('a provided authority by secrets', async () => {
    const text = readFileSync(join(folder, 'mtls-provided-secrets/resources.yaml'), 'utf8');
    const documents = parseAllDocuments(text).map((document) => document.toJS());
    const held = documents.filter(({ type }) => type === 'Secret');
    const sources: AuthoritySources = {
      secret: (name) => Buffer.from(held.find((each) => each.name === name)?.data ?? '', 'base64'),
    };
    const mesh: MeshSpec = documents.find(({ type }) => type === 'Mesh');
    const backend = enabledBackend(mesh) ?? expect.fail('no backend is enabled');
    expect(checkProvidedAuthority('default', backend, sources).list).toEqual([]);
    const authority = resolveAuthority('default', backend, sources);
    expect(new X509Certificate(authority.certificates).subject).toBe('O=Ferry Works\nCN=ferry-one');
  });
});
