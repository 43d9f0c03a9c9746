import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ProxyInput } from '../../src/compile/compiler.ts';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { snapshotToJson } from '../../src/compile/snapshot-json.ts';
import { SecretValue } from '../../src/model/secret-value.ts';
import { plainMesh, proxyInput, readMeshes, stored } from './support/compile-fixture.ts';
import { withoutResource, withResource } from './support/fleet.ts';

const text = `
type: Dataplane
mesh: default
name: one
networking:
  address: 10.0.0.1
  inbound: [{ port: 80, tags: { kuma.io/service: one, kuma.io/protocol: http } }]
  outbound: [{ port: 81, tags: { kuma.io/service: two } }, { port: 82, backendRef: { kind: MeshService, name: none, port: 1 } }]
---
type: Dataplane
mesh: default
name: caller
networking:
  address: 10.0.0.2
  gateway: { tags: { kuma.io/service: caller } }
  outbound: [{ port: 81, tags: { kuma.io/service: one } }]
`;

function inputOf(name: string, mesh?: unknown): ProxyInput {
  const { contexts, dataplanes } = readMeshes(text);
  const context = contexts.get('default');
  const dataplane = dataplanes.find((one) => one.name === name);
  if (context === undefined || dataplane === undefined) {
    throw new Error(`there is no ${name}`);
  }
  const now =
    mesh === undefined ? context : withResource(context, stored({ ...plainMesh('default'), spec: mesh }));
  return proxyInput(now, dataplane);
}

const mtls = (mode?: string) => ({
  mtls: { enabledBackend: 'ca', backends: [{ name: 'ca', type: 'builtin', ...(mode && { mode }) }] },
});

function compile(input: ProxyInput) {
  return createCompiler().compile(input).snapshot.resources;
}

function names(input: ProxyInput, url: keyof ReturnType<typeof compile>) {
  return [...compile(input)[url].keys()];
}

describe('a proxy', () => {
  it('is compiled with the services that it depends on, whether they are there or not', () => {
    expect(createCompiler().compile(inputOf('one')).services).toEqual(new Set(['two']));
  });

  it('is given nothing for an outbound to a resource that is not there', () => {
    expect(names(inputOf('one'), typeUrls.listener)).not.toContain('outbound:127.0.0.1:82');
  });

  it('cannot be compiled without its mesh, for then nobody knows whether to encrypt', () => {
    const input = inputOf('one');
    const context = withoutResource(input.context, 'Mesh', 'default');
    expect(() => compile({ ...input, context })).toThrow('there is no Mesh default');
  });

  it('cannot be compiled from what is no Dataplane or no Mesh', () => {
    const input = inputOf('one');
    expect(() => compile({ ...input, dataplane: { ...input.dataplane, spec: 7 } })).toThrow(
      'the Dataplane one of the mesh default cannot be read',
    );
    expect(() => compile(inputOf('one', { mtls: 7 }))).toThrow('the Mesh default cannot be read');
  });

  it('is not kept from its configuration by a policy that cannot be read', () => {
    const input = inputOf('one');
    const broken = stored({ type: 'MeshTimeout', mesh: 'default', name: 'x', labels: {}, spec: { to: 7 } });
    const context = withResource(input.context, broken);
    expect(snapshotToJson(createCompiler().compile({ ...input, context }).snapshot)).toEqual(
      snapshotToJson(createCompiler().compile(input).snapshot),
    );
  });

  it('is kept from what Envoy would refuse', () => {
    const input = inputOf('one');
    const never = stored({
      type: 'MeshTimeout',
      mesh: 'default',
      name: 'x',
      labels: { 'kuma.io/origin': 'zone' },
      spec: {
        to: [
          {
            targetRef: { kind: 'Mesh' },
            default: { connectionTimeout: '0s', idleTimeout: '-1s', http: { requestTimeout: '-1s' } },
          },
        ],
      },
    });
    const { snapshot } = createCompiler().compile({
      ...input,
      context: withResource(input.context, never),
    });
    const json = snapshotToJson(snapshot);
    expect(json[typeUrls.cluster]?.two).toMatchObject({ connectTimeout: '5s' });
    expect(JSON.stringify(json)).not.toContain('"-1s"');
  });
});

describe('what a proxy tells of itself', () => {
  it('decides about the sharing of ports and about IPv6', () => {
    const input = inputOf('one');
    const plain = {
      ...input,
      metadata: { ...input.metadata, features: new Set<string>(), ipv6Enabled: false },
    };
    const [full, less] = [input, plain].map((one) =>
      JSON.stringify(snapshotToJson(createCompiler().compile(one).snapshot)),
    );
    expect(full).toContain('"enableReusePort":true');
    expect(full).toContain('fc00::');
    expect(less).toContain('"enableReusePort":false');
    expect(less).not.toContain('fc00::');
  });

  it('is looked at again when it changes', () => {
    const compiler = createCompiler();
    const input = inputOf('one');
    const before = compiler.compile(input);
    const metadata = { ...input.metadata, ipv6Enabled: false };
    expect(compiler.compile({ ...input, metadata }, before).snapshot.resources).toEqual(
      compile({ ...input, metadata }),
    );
  });

  it.each([
    ['', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['::1', '::1'],
  ])('admin address %j leads to %s', (adminAddress, expected) => {
    const input = inputOf('one');
    const { snapshot } = createCompiler().compile({
      ...input,
      metadata: { ...input.metadata, adminAddress, features: new Set() },
    });
    const clusters = snapshotToJson(snapshot)[typeUrls.cluster];
    expect(JSON.stringify(clusters?.['kuma:envoy:admin'])).toContain(`"address":"${expected}"`);
    expect(JSON.stringify(clusters?.['kuma:readiness'])).toContain(`"portValue":9902`);
  });

  it.each(['10.0.0.9', 'constructor', 'host.example'])('admin address %s is refused', (adminAddress) => {
    const input = inputOf('one');
    expect(() => compile({ ...input, metadata: { ...input.metadata, adminAddress } })).toThrow(
      `the admin API of a proxy cannot be at the address ${adminAddress}`,
    );
  });

  it('leaves out the admin listener where there is no admin API', () => {
    const input = inputOf('one');
    const without = { ...input, metadata: { ...input.metadata, adminPort: 0 } };
    expect(names(without, typeUrls.listener)).not.toContain('kuma:envoy:admin');
    expect(names(without, typeUrls.cluster)).not.toContain('kuma:readiness');
  });

  it('leaves out readiness where there is none', () => {
    const input = inputOf('one');
    const metadata = { ...input.metadata, readinessPort: 0, features: new Set<string>() };
    expect(names({ ...input, metadata }, typeUrls.cluster)).not.toContain('kuma:readiness');
  });
});

describe('mTLS', () => {
  const isEncrypted = (input: ProxyInput) => {
    const { snapshot } = createCompiler().compile(input);
    return 'transportSocket' in Object(snapshotToJson(snapshot)[typeUrls.cluster]?.one);
  };

  it.each([
    ['none', {}, undefined, false],
    ['an authority that is not enabled', { mtls: { backends: [] } }, undefined, false],
    ['a strict authority', mtls(), undefined, true],
    ['a permissive one', mtls('PERMISSIVE'), undefined, false],
    ['a permissive one, others ready', mtls('PERMISSIVE'), new Set(['two']), false],
    ['a permissive one, the service ready', mtls('PERMISSIVE'), new Set(['one']), true],
  ])('with %s', (_, mesh, tlsReadyServices, expected) => {
    const input = {
      ...inputOf('caller', mesh),
      ...(tlsReadyServices === undefined ? {} : { tlsReadyServices }),
    };
    expect(isEncrypted(input)).toBe(expected);
    expect(compile(input)[typeUrls.secret].size).toBe(expected ? 2 : 0);
  });

  it('gives new secrets to a proxy with a new identity, and nothing else', () => {
    const compiler = createCompiler();
    const input = inputOf('one', mtls());
    const before = compiler.compile(input);
    const identity = {
      certificateChain: 'new chain',
      key: new SecretValue('new key'),
      trustedCa: input.identity?.trustedCa ?? '',
      id: 'new',
    };
    const after = compiler.compile({ ...input, identity }, before);
    const changed = Object.values(typeUrls).filter(
      (url) => after.snapshot.resources[url] !== before.snapshot.resources[url],
    );
    expect(changed).toEqual([typeUrls.secret]);
    const secret = (proxy: typeof before, name: string) =>
      proxy.snapshot.resources[typeUrls.secret].get(name);
    expect(secret(after, 'mesh_ca:secret:default')).toBe(secret(before, 'mesh_ca:secret:default'));
    expect(secret(after, 'identity_cert:secret:default')).not.toBe(
      secret(before, 'identity_cert:secret:default'),
    );
  });

  it('shows no key, neither in JSON nor printed', () => {
    const input = inputOf('one', mtls());
    const secrets = { ...input, identity: { ...identityWith('the-very-key'), id: 'x' } };
    const json = JSON.stringify(snapshotToJson(createCompiler().compile(secrets).snapshot));
    expect(json).toContain('identity_cert:secret:default');
    for (const shown of [json, inspect(secrets, { depth: 9 })]) {
      expect(shown).not.toContain('the-very-key');
      expect(shown).not.toContain(Buffer.from('the-very-key').toString('base64'));
    }
  });
});

function identityWith(key: string) {
  return { certificateChain: 'chain', key: new SecretValue(key), trustedCa: 'ca' };
}
