import { describe, expect, it } from 'vitest';
import { defaultTenant } from '../../model/tenant.ts';
import { createAddressing } from './addressing.ts';

const withDefault = createAddressing({ baseDomain: 'mesh.example.com', defaultTenant });
const alone = createAddressing({ baseDomain: '', defaultTenant: undefined });

const tenant = (name: string, path: string) => ({ kind: 'tenant', tenant: name, path });

describe('the addressing', () => {
  it.each([
    ['mesh.example.com', '/meshes', tenant('default', '/meshes')],
    ['localhost:5681', '/', tenant('default', '/')],
    ['acme.mesh.example.com', '/meshes/', tenant('acme', '/meshes')],
    ['ACME.mesh.example.com:443', '/', tenant('acme', '/')],
    ['mesh.example.com', '/tenants/acme/api', tenant('acme', '/')],
    ['mesh.example.com', '/tenants/acme/api/', tenant('acme', '/')],
    ['mesh.example.com', '/tenants/acme/api/meshes/default', tenant('acme', '/meshes/default')],
    ['mesh.example.com', '/tenants/acme/api/tenants/x/api', tenant('acme', '/tenants/x/api')],
    ['acme.mesh.example.com', '/tenants/other/api/meshes', tenant('acme', '/tenants/other/api/meshes')],
    ['acme.mesh.example.com', '/tenants', tenant('acme', '/tenants')],
    ['mesh.example.com', '/tenants', { kind: 'operator', path: '/tenants' }],
    ['mesh.example.com', '/tenants/', { kind: 'operator', path: '/tenants' }],
    ['mesh.example.com', '/tenants/acme', { kind: 'operator', path: '/tenants/acme' }],
    ['mesh.example.com', '/tenants/acme/apis', { kind: 'operator', path: '/tenants/acme/apis' }],
    ['mesh.example.com', '/tenantsx', tenant('default', '/tenantsx')],
    ['mesh.example.com', '/tenants/A_B/api/meshes', { kind: 'nobody', path: '/tenants/A_B/api/meshes' }],
    ['mesh.example.com', '/tenants//api', { kind: 'nobody', path: '/tenants//api' }],
  ])('%s %s', (host, path, want) => {
    expect(withDefault(new Request(`http://x${path}?size=1`, { headers: { host } }))).toEqual(want);
  });

  it.each([
    ['/tenants/acme/api/meshes', tenant('acme', '/meshes')],
    ['/meshes', { kind: 'nobody', path: '/meshes' }],
    ['/', { kind: 'nobody', path: '/' }],
  ])('%s where neither a domain nor a default is set', (path, want) => {
    expect(alone(new Request(`http://acme.mesh.example.com${path}`))).toEqual(want);
  });
});
