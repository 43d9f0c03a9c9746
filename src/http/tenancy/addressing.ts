import { getPath } from 'hono/utils/url';
import { type TenantId, tenantId } from '../../model/tenant.ts';
import { tenantOfHost } from '../../tenancy/tenant-of-host.ts';

/** What a request is for. */
export type Address =
  | {
      readonly kind: 'tenant';
      /** As it was asked for: whether there is one is not looked at. */
      readonly tenant: TenantId;
      /** The path in the tenant's API. */
      readonly path: string;
    }
  /** The deployment itself: `/tenants` and what is below it. */
  | { readonly kind: 'operator'; readonly path: string }
  /** No control plane: a host name or a path that is no tenant's. */
  | { readonly kind: 'nobody'; readonly path: string };

/** Tells what a request is for, by its host name and its path alone. */
export type Addressing = (request: Request) => Address;

export interface AddressingOptions {
  /** Tenants are the names right below it; empty where they are not addressed by host name. */
  readonly baseDomain: string;
  /** Who is served where neither host name nor path names a tenant. */
  readonly defaultTenant: TenantId | undefined;
}

/** `/tenants/<tenant>/api`, and what follows. */
const prefixed = /^\/tenants\/([^/]*)\/api(\/.*)?$/;
const operators = /^\/tenants(\/|$)/;

/**
 * Creates the addressing of a deployment. Under a tenant's host name everything is the tenant's; elsewhere a path prefix
 * names one, as `kumactl` takes it in `--address`, and `/tenants` is the operator's.
 */
export function createAddressing({ baseDomain, defaultTenant }: AddressingOptions): Addressing {
  return (request) => {
    const path = pathOf(request);
    const host = request.headers.get('host') ?? new URL(request.url).host;
    const byHost = baseDomain === '' ? undefined : tenantOfHost(host, baseDomain);
    if (byHost !== undefined) {
      return { kind: 'tenant', tenant: byHost, path };
    }
    const [found, name = '', rest = '/'] = prefixed.exec(path) ?? [];
    if (found !== undefined) {
      const tenant = nameOrUndefined(name);
      return tenant === undefined ? { kind: 'nobody', path } : { kind: 'tenant', tenant, path: rest };
    }
    if (operators.test(path)) {
      return { kind: 'operator', path };
    }
    return defaultTenant === undefined
      ? { kind: 'nobody', path }
      : { kind: 'tenant', tenant: defaultTenant, path };
  };
}

/** The path without a slash at its end, as routes are written. */
function pathOf(request: Request): string {
  const path = getPath(request);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** A text that can be no tenant's name is nobody's, whoever asks. */
function nameOrUndefined(text: string): TenantId | undefined {
  try {
    return tenantId(text);
  } catch {
    return undefined;
  }
}
