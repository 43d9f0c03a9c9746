import { describe, expect, it } from 'vitest';
import { createPerson, useControlPlane } from './cli-fixture.ts';

const server = useControlPlane();

const documents = `
type: Mesh
name: shop
---
type: Dataplane
mesh: shop
name: web-1
networking:
  address: 10.0.0.1
  inbound:
  - port: 80
    tags:
      kuma.io/service: web
`;

const at = () => createPerson({ KUMULUS_ADDRESS: server.api, KUMULUS_MESH: 'shop' });

describe('kumulus inspect', () => {
  it('tells of proxies, meshes, services, policies and what happened', async () => {
    const { run } = at();
    await run(['apply', '-f', '-'], documents);
    expect((await run(['inspect', 'dataplanes'])).out).toMatch(/shop +web-1 +offline +web +never/);
    expect((await run(['inspect', 'dataplanes', '--status', 'online'])).out).not.toContain('web-1');
    expect((await run(['inspect', 'dataplanes', '-A', '--refused'])).out).not.toContain('web-1');
    expect((await run(['inspect', 'dataplanes', '--status', 'asleep'])).error).toContain('must be one of');
    expect((await run(['inspect', 'meshes'])).out).toMatch(/shop +0\/1 +4/);
    expect((await run(['inspect', 'services'])).out).toMatch(/shop +web +offline +0\/1/);
    expect((await run(['inspect', 'dataplane', 'web-1'])).out).toMatch(/MeshTimeout +mesh-timeout-all-shop/);
    expect((await run(['inspect', 'policy', 'mt', 'mesh-timeout-all-shop'])).out).toMatch(/shop +web-1/);
    expect((await run(['inspect', 'zone-ingresses', '-o', 'json'])).out).toContain('"total": 0');
    expect((await run(['inspect', 'propagation'])).out).toMatch(/^REVISION .*\n\d+ +0 +0 +0 +0 +1\n$/);
    expect((await run(['inspect', 'propagation', '--revision', '1', '-o', 'json'])).out).toContain(
      '"revision": 1,',
    );
    expect((await run(['inspect', 'propagation', '--revision', '99'])).error).toContain(
      'the newest revision',
    );
    expect((await run(['inspect', 'changes', '--since', '0'])).out).toMatch(
      /^1 {2}\S+ {2}put {2}Mesh shop$/m,
    );
    expect((await run(['inspect', 'audit', '--type', 'dataplane'])).out).toMatch(
      /mesh-system:admin .* CREATE +Dataplane +shop +web-1/,
    );
  });
});

describe('kumulus tenants', () => {
  it('makes, changes, suspends and deletes a tenant, whose administrator is then at home', async () => {
    const { run } = createPerson({ KUMULUS_ADDRESS: server.api });
    const { out: token, error } = await run(['tenants', 'create', 'acme', '--quota', 'meshes=2']);
    expect(error).toBeUndefined();
    const admin = createPerson({
      KUMULUS_ADDRESS: `${server.api}/tenants/acme/api`,
      KUMULUS_TOKEN: token.trim(),
    });
    expect((await admin.run(['get', 'meshes'])).out).toMatch(/default +off/);
    expect((await admin.run(['apply', '-f', '-'], 'type: Mesh\nname: one')).error).toBeUndefined();
    expect((await admin.run(['apply', '-f', '-'], 'type: Mesh\nname: two')).error).toContain('quota');
    await run(['tenants', 'update', 'acme', '--quota', 'meshes=none', '--display-name', 'Acme Ltd.']);
    expect((await admin.run(['apply', '-f', '-'], 'type: Mesh\nname: two')).error).toBeUndefined();
    expect((await run(['tenants', 'list'])).out).toMatch(/acme +Acme Ltd\. +active/);
    expect((await run(['tenants', 'usage', 'acme'])).out).toMatch(/meshes +3/);
    expect((await run(['tenants', 'suspend', 'acme'])).out).toMatch(/acme .* suspended/);
    expect((await admin.run(['get', 'meshes'])).error).toContain('suspended');
    expect((await run(['tenants', 'resume', 'acme'])).out).toMatch(/acme .* active/);
    const renewed = await run(['tenants', 'admin-token', 'acme', '--valid-for', '1h']);
    expect(renewed.out.trim().split('.')).toHaveLength(3);
    expect((await run(['tenants', 'delete', 'acme', '--confirm', 'other'])).error).toContain('--confirm');
    expect((await run(['tenants', 'delete', 'acme', '--confirm', 'acme'])).error).toBeUndefined();
    expect((await admin.run(['get', 'meshes'])).error).toBeDefined();
  });

  it.each([
    ['a quota that is none', ['create', 'x', '--quota', 'meshes'], '--quota must be <name>=<number>'],
    ['a quota that there is not', ['create', 'x', '--quota', 'cars=1'], 'cars'],
    ['a name that is none', ['create', 'X_'], 'id'],
    ['a tenant that there is not', ['get', 'nobody'], 'is not found'],
  ])('refuses %s', async (_name, args, words) => {
    const { run } = createPerson({ KUMULUS_ADDRESS: server.api });
    expect((await run(['tenants', ...args])).error).toContain(words);
  });
});
