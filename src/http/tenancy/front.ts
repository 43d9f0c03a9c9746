import type { AuthenticateOperator } from '../../auth/operator.ts';
import type { Clock, IdSource, Logger } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { IdempotencyKeys } from '../../store/idempotency-keys.ts';
import type { Trail } from '../../store/trail.ts';
import type { EnsureTenantDeps } from '../../tenancy/ensure-tenant.ts';
import type { Rates } from '../../tenancy/quotas/rates.ts';
import type { TenantTable } from '../../tenancy/tenant-table.ts';
import { createTenants, type Tenants } from '../../tenancy/tenants.ts';
import { createUsageMeter, type UsageMeter } from '../../tenancy/usage.ts';
import type { Tokens } from '../../tokens/tokens.ts';
import { createOperatorApi, type OperatorApi } from '../operator/operator-api.ts';
import type { ApiContext } from '../routing.ts';
import { createAddressing } from './addressing.ts';
import type { ApiTenancy } from './admission.ts';
import { createGate } from './gate.ts';

export interface TenantFrontDeps {
  readonly tenants: TenantTable;
  readonly tokens: Tokens;
  /** What a new tenant is made with. */
  readonly ensure: Omit<EnsureTenantDeps, 'access' | 'clock' | 'ids' | 'logger'>;
  readonly rates: Rates;
  readonly authenticateOperator: AuthenticateOperator;
  readonly trail: Trail;
  readonly idempotency: IdempotencyKeys;
  peerAddressOf(context: ApiContext): string | undefined;
  /** Tenants are the names right below it; empty where they are not addressed by host name. */
  readonly baseDomain: string;
  /** Who is served where neither host name nor path names a tenant. */
  readonly defaultTenant: TenantId | undefined;
  /** How long after the order to delete a tenant its items are looked for a last time, in milliseconds. */
  readonly quarantineMs: number;
  /** See `UsageDeps.everyMs`. */
  readonly usageEveryMs?: number;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
}

/** All that stands before the control planes of tenants: who is served where, how much, and who runs them. */
export interface TenantFront {
  readonly tenancy: ApiTenancy;
  readonly operator: OperatorApi;
  readonly lifeCycle: Tenants;
  readonly usage: UsageMeter;
}

/** Makes the front of its parts. */
export function createTenantFront(deps: TenantFrontDeps): TenantFront {
  const { clock, ids, logger, tokens, peerAddressOf, quarantineMs, trail, idempotency } = deps;
  const { table, items, directory, lookup } = deps.tenants;
  const everyMs = deps.usageEveryMs;
  const usage = createUsageMeter({ items, clock, logger, ...(everyMs !== undefined && { everyMs }) });
  const ensure = { ...deps.ensure, clock, ids, logger };
  const lifeCycle = createTenants({ items: table, directory, lookup, usage, tokens, ensure, quarantineMs });
  const gate = createGate();
  const authenticate = deps.authenticateOperator;
  return {
    tenancy: { addressing: createAddressing(deps), lookup, gate, rates: deps.rates, usage },
    operator: createOperatorApi({
      tenants: lifeCycle,
      authenticate,
      gate,
      peerAddressOf,
      trail,
      idempotency,
      clock,
      ids,
      logger,
    }),
    lifeCycle,
    usage,
  };
}
