import { type AdminCertificates, createAdminCertificates } from '../../certificates/admin.ts';
import type { CertificatePair } from '../../compile/compiler.ts';
import { proxyOf } from '../../match/proxy.ts';
import { isKumulusError, KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import type { Resource } from '../../model/resource.ts';
import { SecretValue } from '../../model/secret-value.ts';
import type { TenantId } from '../../model/tenant.ts';
import { secretData } from '../../secrets/secret-data.ts';
import type { ResourceStore } from '../../store/resource-store.ts';

/** What Envoy's admin listener serves, and whom it lets in. */
export type AdminCertificate = CertificatePair & { readonly clientCa: string };

/** The GlobalSecret that holds the authority of the admin listeners: certificate and key, one after the other, as in Kuma. */
const adminAuthoritySecret = 'envoy-admin-ca';

/** After this many milliseconds the secret is looked at again, for the tenant may have changed it. */
const freshFor = 60_000;
/** And after so many where the table could not be reached. */
const retryAfter = 5_000;

/** The admin certificates of all tenants of a relay. */
export interface AdminCertificateSource {
  /**
   * Gets the authority of a tenant ready. What comes back gives the same object for the same address.
   *
   * @throws KumulusError `internal` where the tenant has none.
   */
  prepare(tenant: TenantId): Promise<(dataplane: Resource) => AdminCertificate>;
}

interface Held {
  readonly version: number;
  /** Versions start over where a tenant of the same name is made anew. */
  readonly creationTime: string;
  readonly certificateOf: (dataplane: Resource) => AdminCertificate;
  checked: number;
  /** The table could not be reached when it was last looked at. */
  isGone: boolean;
}

function certificates(authority: AdminCertificates): Held['certificateOf'] {
  const given = new WeakMap<object, AdminCertificate>();
  return (dataplane) => {
    const pair = authority.server(proxyOf(dataplane).address);
    const certificate = given.get(pair) ?? { ...pair, clientCa: authority.trustedCa };
    given.set(pair, certificate);
    return certificate;
  };
}

/** Reads the authorities from the tenants' GlobalSecrets. */
export function createAdminCertificateSource(deps: {
  readonly resources: ResourceStore;
  readonly clock: Clock;
}): AdminCertificateSource {
  const held = new Map<TenantId, Held>();

  const look = async (tenant: TenantId, known: Held | undefined): Promise<Held> => {
    const key = { type: 'GlobalSecret', mesh: '', name: adminAuthoritySecret };
    let secret: Resource | undefined;
    try {
      secret = await deps.resources.get(tenant, key);
    } catch (error) {
      // While the table is gone, proxies that come back are let in with what is known.
      if (known === undefined || !isKumulusError(error, 'unavailable')) {
        throw error;
      }
      known.isGone = true;
      return known;
    }
    if (secret === undefined) {
      throw new KumulusError('internal', `GlobalSecret ${JSON.stringify(adminAuthoritySecret)} is missing`);
    }
    const next =
      known?.version === secret.version && known.creationTime === secret.creationTime
        ? known
        : {
            version: secret.version,
            creationTime: secret.creationTime,
            certificateOf: certificates(
              createAdminCertificates(new SecretValue(secretData(secret).toString('utf8'))),
            ),
            checked: 0,
            isGone: false,
          };
    next.checked = deps.clock();
    next.isGone = false;
    held.set(tenant, next);
    return next;
  };

  const load = (tenant: TenantId): Promise<Held> => {
    const known = held.get(tenant);
    if (known === undefined) {
      return look(tenant, undefined);
    }
    if (deps.clock() - known.checked < freshFor) {
      return Promise.resolve(known);
    }
    // One looks; the others go on with what is known, and everybody does where the table was just found gone.
    known.checked = deps.clock() - freshFor + retryAfter;
    const looked = look(tenant, known);
    if (!known.isGone) {
      return looked;
    }
    // What is wrong with the secret is told to whoever looks next.
    looked.catch(() => (known.isGone = false));
    return Promise.resolve(known);
  };

  return { prepare: async (tenant) => (await load(tenant)).certificateOf };
}
