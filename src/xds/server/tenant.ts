import type { TenantId } from '../../model/tenant.ts';

/** What tells whose proxy is calling, before anything was checked. */
export interface TenantQuestion {
  /**
   * The host name of TLS (SNI, which Envoy sets to the host of its bootstrap), in lower case; where the client sent
   * none, as with an IP address, the host of `Host` or `:authority`.
   */
  readonly servername: string | undefined;
  /** The token as it came; the claims of one on a shared host name tell the tenant. */
  readonly token: string | undefined;
}

/**
 * Finds the tenant.
 *
 * @throws KumulusError `unauthenticated` or `not_found` where there is none.
 */
export type TenantOf = (question: TenantQuestion) => TenantId | Promise<TenantId>;

/** The host without its port: `[::1]:5678` is `::1`, `cp.example:5678` is `cp.example`. */
export function hostWithoutPort(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host);
  if (bracketed !== null) {
    return bracketed[1] ?? '';
  }
  const colon = host.indexOf(':');
  return colon >= 0 && colon === host.lastIndexOf(':') ? host.slice(0, colon) : host;
}
