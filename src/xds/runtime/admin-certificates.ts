import { type Authority, loadAuthorityBundle } from '../../certificates/authority.ts';
import { issueServer } from '../../certificates/issue.ts';
import type { CertificatePair } from '../../compile/compiler.ts';
import { proxyOf } from '../../match/proxy.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import type { Resource } from '../../model/resource.ts';
import { SecretValue } from '../../model/secret-value.ts';
import type { TenantId } from '../../model/tenant.ts';
import { secretData } from '../../secrets/secret-data.ts';
import type { ResourceStore } from '../../store/resource-store.ts';

/** What Envoy's admin listener serves, and whom it lets in. */
export type AdminCertificate = CertificatePair & { readonly clientCa: string };

/** The GlobalSecret that holds the authority of the admin listeners: certificate and key, one after the other, as in Kuma. */
export const adminAuthoritySecret = 'envoy-admin-ca';

/** Kuma's life of these certificates, in milliseconds. */
const lifetime = 10 * 365 * 24 * 3_600_000;
/** After this many milliseconds the secret is looked at again, for the tenant may have changed it. */
const freshFor = 60_000;
/** The most certificates that are kept; beyond it the oldest are made anew when they are needed again. */
const maxKept = 20_000;

export interface AdminCertificates {
  /** Gets the authority of a tenant ready. @throws KumulusError `internal` where the tenant has none. */
  prepare(tenant: TenantId): Promise<(dataplane: Resource) => AdminCertificate>;
}

/** Issues a certificate for each address that proxies have, and remembers it. */
export function createAdminCertificates(deps: {
  readonly resources: ResourceStore;
  readonly clock: Clock;
}): AdminCertificates {
  const authorities = new Map<
    TenantId,
    { readonly version: number; readonly authority: Authority; checked: number }
  >();
  const kept = new Map<string, AdminCertificate>();

  const authorityOf = async (tenant: TenantId) => {
    const known = authorities.get(tenant);
    if (known !== undefined && deps.clock() - known.checked < freshFor) {
      return known;
    }
    const secret = await deps.resources.get(tenant, {
      type: 'GlobalSecret',
      mesh: '',
      name: adminAuthoritySecret,
    });
    if (secret === undefined) {
      throw new KumulusError('internal', `GlobalSecret ${JSON.stringify(adminAuthoritySecret)} is missing`);
    }
    if (known?.version === secret.version) {
      known.checked = deps.clock();
      return known;
    }
    const authority = loadAuthorityBundle(new SecretValue(secretData(secret).toString('utf8')));
    const loaded = { version: secret.version, authority, checked: deps.clock() };
    authorities.set(tenant, loaded);
    return loaded;
  };

  const issue = (authority: Authority, address: string): AdminCertificate => {
    const { certificateChain, key } = issueServer({
      ca: authority,
      hosts: [address],
      lifetime,
      now: deps.clock(),
    });
    return { certificate: certificateChain, key, clientCa: authority.certificates };
  };

  return {
    async prepare(tenant) {
      const { authority, version } = await authorityOf(tenant);
      return (dataplane) => {
        const { address } = proxyOf(dataplane);
        const key = `${tenant} ${version} ${address}`;
        const known = kept.get(key) ?? issue(authority, address);
        kept.set(key, known);
        if (kept.size > maxKept) {
          const [oldest] = kept.keys();
          kept.delete(oldest ?? '');
        }
        return known;
      };
    },
  };
}
