import type { MiddlewareHandler } from 'hono';
import { isAnonymous, type User } from '../../auth/user.ts';
import { KumulusError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Rates } from '../../tenancy/quotas/rates.ts';
import type { TenantLookup } from '../../tenancy/tenant-lookup.ts';
import type { TenantRecord } from '../../tenancy/tenant-record.ts';
import type { UsageMeter } from '../../tenancy/usage.ts';
import type { ApiContext, ApiEnvironment } from '../routing.ts';
import type { Addressing } from './addressing.ts';
import type { Gate } from './gate.ts';
import { createKnownCallers } from './known-callers.ts';

/** What the API knows of tenants. */
export interface ApiTenancy {
  readonly addressing: Addressing;
  readonly lookup: Pick<TenantLookup, 'find' | 'isFresh'>;
  readonly gate: Gate;
  readonly rates: Rates;
  readonly usage: Pick<UsageMeter, 'count'>;
}

/** Lets requests in, in two steps: before it is known who asks, and after. */
export interface Admission {
  /** Finds whose control plane is asked, and waits for the request's turn. */
  readonly enter: MiddlewareHandler<ApiEnvironment>;
  /**
   * To be called once it is known who asks. A tenant that is not served answers as one that there is not, to all but
   * those who hold a credential of a suspended one.
   *
   * @throws KumulusError `unauthenticated`, `forbidden` or `not_found` where the tenant is not served,
   *   `too_many_requests` where it has used up its quota.
   */
  requireServed(context: ApiContext, user: User): Promise<void>;
}

/** Whoever asks for no control plane at all is told so, whatever they show. */
export function noControlPlane(): KumulusError {
  return new KumulusError('not_found', 'there is no control plane under this address', {
    title: 'Could not find the control plane',
  });
}

/** What is said to whom nobody knows; the same whether there is such a tenant or not. */
export function notAuthenticated(): KumulusError {
  return new KumulusError('unauthenticated', 'Unauthenticated');
}

/** Creates the admission of requests. */
export function createAdmission(
  { addressing, lookup, gate, rates, usage }: ApiTenancy,
  peerAddressOf: (context: ApiContext) => string | undefined,
): Admission {
  const callers = createKnownCallers();
  const callerOf = (context: ApiContext) => ({
    peerAddress: peerAddressOf(context),
    header: (name: string) => context.req.header(name),
  });

  async function take(tenant: TenantId, record: TenantRecord): Promise<void> {
    await rates.take(tenant, 'requests', record.quotas.requestsPerSecond);
    usage.count(tenant, 'requests');
  }

  /** Who is known is held to the quota before anything is judged; of strangers it is known only afterwards. */
  async function admit(tenant: TenantId, known: boolean) {
    const record = await lookup.find(tenant);
    const taken = known && record?.state === 'active';
    if (taken) {
      await take(tenant, record);
    }
    return { record, taken };
  }

  return {
    async enter(context, next) {
      const address = addressing(context.req.raw);
      if (address.kind !== 'tenant') {
        throw noControlPlane();
      }
      const { tenant } = address;
      const known = callers.has(tenant, callerOf(context));
      await gate.run({ name: known ? tenant : `?${tenant}`, stranger: !known }, async (leave) => {
        context.set('tenant', tenant);
        context.set('leaveGate', leave);
        const isFresh = lookup.isFresh(tenant);
        const admission = admit(tenant, known);
        context.set('admission', admission);
        if (isFresh) {
          await admission;
        } else {
          // It is read while it is found out who asks; whoever waits for that hears of errors.
          admission.catch(() => undefined);
        }
        await next();
      });
    },

    async requireServed(context, user) {
      const tenant = context.get('tenant');
      const { record, taken } = await context.get('admission');
      if (record?.state !== 'active') {
        callers.delete(tenant, callerOf(context));
        if (isAnonymous(user)) {
          if (context.req.path === '/') {
            return;
          }
          throw notAuthenticated();
        }
        throw record?.state === 'suspended'
          ? new KumulusError('forbidden', 'this control plane is suspended', { title: 'Suspended' })
          : noControlPlane();
      }
      if (!taken) {
        await take(tenant, record);
        if (!isAnonymous(user)) {
          callers.add(tenant, callerOf(context));
        }
      }
    },
  };
}
