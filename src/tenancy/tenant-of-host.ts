import { type TenantId, tenantId } from '../model/tenant.ts';

/**
 * The tenant that a host name is of: the one label in front of the deployment's domain, so `acme.mesh.example.com` is
 * `acme` under `mesh.example.com`. Undefined for the domain itself, for names below a tenant's, and for all others.
 *
 * @param host as in a Host header or SNI: in any case, perhaps with a port or a last dot.
 */
export function tenantOfHost(host: string, baseDomain: string): TenantId | undefined {
  const name = plain(host.replace(/:\d*$/, ''));
  const suffix = `.${plain(baseDomain)}`;
  if (!name.endsWith(suffix)) return undefined;
  try {
    return tenantId(name.slice(0, -suffix.length));
  } catch {
    return undefined;
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
