import { expect, it } from 'vitest';
import { tenantOfHost } from './tenant-of-host.ts';

it.each([
  ['acme.mesh.example.com', 'acme'],
  ['ACME.Mesh.Example.Com', 'acme'],
  ['acme.mesh.example.com.', 'acme'],
  ['acme.mesh.example.com:5678', 'acme'],
  ['mesh.example.com', undefined],
  ['.mesh.example.com', undefined],
  ['a.b.mesh.example.com', undefined],
  ['acmemesh.example.com', undefined],
  ['acme.mesh.example.com.evil.org', undefined],
  ['ac_me.mesh.example.com', undefined],
  ['-acme.mesh.example.com', undefined],
  [`${'a'.repeat(64)}.mesh.example.com`, undefined],
  ['127.0.0.1:5678', undefined],
  ['[::1]:5678', undefined],
  ['', undefined],
])('%s is of %s', (host, tenant) => {
  expect(tenantOfHost(host, 'mesh.example.com')).toBe(tenant);
});
