import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import type { Clock, IdSource, Logger } from '../src/model/ports.ts';
import { resourceType } from '../src/policies/registry.ts';
import { createKmsMasterKey } from '../src/secrets/kms-master-key.ts';
import { createSecretBox } from '../src/secrets/secret-box.ts';
import { createFeed } from '../src/store/create-feed.ts';
import { createInsights } from '../src/store/create-insights.ts';
import { createLeases } from '../src/store/create-leases.ts';
import { createResourceStore } from '../src/store/create-resource-store.ts';
import { createDynamoStore } from '../src/store/dynamodb/dynamo-store.ts';
import { openTenantTable } from '../src/tenancy/tenant-table.ts';

export interface CloudStoresOptions {
  /** The name of the DynamoDB table. */
  readonly table: string;
  /** Id or ARN of the key that wraps the tenants' data keys. */
  readonly kmsKey: string;
  /** Where DynamoDB and KMS are, where they are not AWS's own. */
  readonly endpoint: string | undefined;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
}

/** Everything that lasts, on DynamoDB and KMS, as the functions and the relay share it. Nothing is asked of either yet. */
export function createCloudStores({ table, kmsKey, endpoint, clock, ids, logger }: CloudStoresOptions) {
  const at = endpoint === undefined ? {} : { endpoint };
  const tenants = openTenantTable(createDynamoStore({ table, client: new DynamoDBClient(at), clock }), clock);
  const { items, quotasOf } = tenants;
  const master = createKmsMasterKey({ client: new KMSClient(at), keyId: kmsKey });
  const feed = createFeed({ items, clock, ids });
  return {
    resources: createResourceStore({
      items,
      secretBox: createSecretBox({ master, clock }),
      isSecret: (type) => resourceType(type)?.secret === true,
      clock,
      logger,
      feed,
      quotasOf,
    }),
    insights: createInsights({ items, clock }),
    leases: createLeases({ items, clock }),
    feed,
    tenants,
  };
}
