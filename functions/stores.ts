import { KMSClient } from '@aws-sdk/client-kms';
import { createHistory } from '../src/events/history.ts';
import type { Clock, IdSource, Logger } from '../src/model/ports.ts';
import type { Telemetry } from '../src/model/telemetry.ts';
import type { TenantId } from '../src/model/tenant.ts';
import { resourceType } from '../src/policies/registry.ts';
import { createKmsMasterKey } from '../src/secrets/kms-master-key.ts';
import { createSecretBox } from '../src/secrets/secret-box.ts';
import { createDepartures } from '../src/store/create-departures.ts';
import { createDueFolds } from '../src/store/create-due-folds.ts';
import { createFeed } from '../src/store/create-feed.ts';
import { createHoldings } from '../src/store/create-holdings.ts';
import { createIdempotencyKeys } from '../src/store/create-idempotency-keys.ts';
import { createInsights } from '../src/store/create-insights.ts';
import { createLeases } from '../src/store/create-leases.ts';
import { createPropagation } from '../src/store/create-propagation.ts';
import { createResourceStore } from '../src/store/create-resource-store.ts';
import { createDynamoStore } from '../src/store/dynamodb/dynamo-store.ts';
import { createTenantCredentials, type TenantCredentials } from '../src/store/dynamodb/tenant-credentials.ts';
import { requestTimeouts } from '../src/store/dynamodb/timeouts.ts';
import { createMeasuredItems } from '../src/store/measured-items.ts';
import { createWakeUps } from '../src/store/wake-ups.ts';
import { auditRetention, openTenantTable, type TenantTable } from '../src/tenancy/tenant-table.ts';
import { cloudEventBus } from './event-bus.ts';
import { cloudQueues } from './queues.ts';
import { cloudTenantRole } from './tenant-role.ts';

export interface CloudStoresOptions {
  /** The name of the DynamoDB table. */
  readonly table: string;
  /** Id or ARN of the key that wraps the tenants' data keys. */
  readonly kmsKey: string;
  /** The ARN of the role by which tenants' items and data keys are reached; by the process's own where it is absent. */
  readonly tenantRole: string | undefined;
  /** Ids or ARNs of keys that wrapped them before; without them nothing opens that was sealed then. */
  readonly previousKmsKeys: readonly string[];
  /** Name or ARN of the bus for events; without one there are none. */
  readonly eventBus: string | undefined;
  /** Whether commits wait until their events are published: in a function, which stands still once it has answered. */
  readonly waitsForEvents: boolean;
  /** Where DynamoDB, KMS, SQS and EventBridge are, where they are not AWS's own. */
  readonly endpoint: string | undefined;
  /** Whether it changes a little of many meshes, and is gone soon. */
  readonly isJob?: boolean;
  /** The relay that the process is, where it is one. */
  readonly relay?: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** Hears of the table's calls; nobody does where it is absent. */
  readonly telemetry?: Telemetry;
}

/** Everything that lasts, on DynamoDB and KMS, as the functions and the relay share it. Nothing is asked of either yet. */
export function createCloudStores(options: CloudStoresOptions) {
  const { table, kmsKey, tenantRole, endpoint, clock, ids, logger, telemetry } = options;
  const at = endpoint === undefined ? {} : { endpoint };
  const tenantCredentials =
    tenantRole === undefined
      ? undefined
      : createTenantCredentials({ take: cloudTenantRole({ arn: tenantRole, endpoint }), clock });
  const engine = createDynamoStore({
    table,
    ...at,
    tenants: tenantCredentials && {
      credentials: tenantCredentials,
      isTenant: async (tenant) => (await tenants.lookup.find(tenant)) !== undefined,
    },
    clock,
    ...(telemetry !== undefined && { telemetry }),
  });
  const measured = telemetry === undefined ? engine : createMeasuredItems({ items: engine, telemetry });
  const tenants: TenantTable = openTenantTable(measured, clock);
  const { items, quotasOf } = tenants;
  const master = createKmsMasterKey({
    client: kmsClients(at, tenantCredentials),
    keyId: kmsKey,
    previousKeyIds: options.previousKmsKeys,
  });
  const secretBox = createSecretBox({ master, clock });
  const leases = createLeases({ items, clock });
  const queues = cloudQueues(endpoint);
  const self = options.relay === undefined ? {} : { self: options.relay };
  const wakeUps = createWakeUps({ queues, leases, ...self, clock, logger });
  const feed = createFeed({ items, clock, ids, wakeUps });
  const history = createHistory({
    items,
    clock,
    ids,
    logger,
    retentionDays: auditRetention(tenants.lookup),
    incarnationOf: tenants.incarnationOf,
    bus: options.eventBus === undefined ? undefined : cloudEventBus({ name: options.eventBus, endpoint }),
    waits: options.waitsForEvents,
  });
  return {
    resources: createResourceStore({
      items,
      secretBox,
      isSecret: (type) => resourceType(type)?.secret === true,
      clock,
      logger,
      feed,
      trail: history.trail,
      quotasOf,
    }),
    insights: createInsights({ items, clock, logger, isSparse: options.isJob === true }),
    propagation: createPropagation({ items, clock }),
    leases,
    queues,
    holdings: createHoldings(items),
    departures: createDepartures(items),
    dueFolds: createDueFolds(items),
    feed,
    history,
    idempotency: createIdempotencyKeys({ items, secretBox, clock, logger }),
    tenants,
  };
}

/** A client a call, where credentials are a tenant's: data keys are asked for once in a while, and connections are shared. */
function kmsClients(
  at: { readonly endpoint?: string },
  tenants: TenantCredentials | undefined,
): KMSClient | ((tenant: TenantId) => KMSClient) {
  const own = new KMSClient({ ...at, requestHandler: requestTimeouts() });
  if (tenants === undefined) {
    return own;
  }
  const { requestHandler } = own.config;
  return (tenant) => new KMSClient({ ...at, requestHandler, credentials: () => tenants.of(tenant) });
}
