import { type DynamoDBClient, type DynamoDBClientConfig, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../model/ports.ts';
import { noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import { isLive, nowSeconds } from '../expiry.ts';
import { checkKey, checkKeyPart, checkLimit, checkOperations } from '../limits.ts';
import { type Item, type ItemStore, maxPartitionBytes } from '../port.ts';
import { decodeItem, keyAttributes } from './attributes.ts';
import { createOwnerClients, type OwnerClients, type TenantAccess } from './owner-clients.ts';
import { type BatchOptions, batchGetItems, keyName, queryItems, type TableKey } from './reads.ts';
import { createRetry, type RetryOptions } from './retry.ts';
import { requestTimeouts } from './timeouts.ts';
import { writeItems } from './writes.ts';

export interface DynamoStoreOptions {
  /** The table's name; its definition is `tableDefinition`. */
  readonly table: string;
  /** Another endpoint than the region's own, for local ones. */
  readonly endpoint?: string;
  /** As the SDK finds it unless told. */
  readonly region?: string;
  readonly credentials?: NonNullable<DynamoDBClientConfig['credentials']>;
  /** How tenants' items are reached; as what is the system's, by the process itself, unless told. */
  readonly tenants?: TenantAccess | undefined;
  /** After how long a request that is not answered is sent again; 3,000 unless a test tells otherwise. */
  readonly requestMilliseconds?: number;
  /** For expiry. `Date.now` unless told. */
  readonly clock?: Clock;
  /** Hears of requests that are sent again. */
  readonly telemetry?: Pick<Telemetry, 'storeRetried'>;
  /** For tests; see {@link RetryOptions}. */
  readonly retry?: RetryOptions;
}

/** Opens the store on a DynamoDB table. Nothing is asked of the table before it is used. */
export function createDynamoStore(options: DynamoStoreOptions): ItemStore {
  const { table, clock = Date.now } = options;
  const clients = openClients(options);
  const { telemetry = noTelemetry } = options;
  const retry = createRetry({ telemetry, ...options.retry });

  const batch = async (
    client: DynamoDBClient,
    keys: readonly TableKey[],
    options: BatchOptions = {},
  ): Promise<readonly (Item | undefined)[]> => {
    keys.forEach(checkKey);
    const found = await batchGetItems({ client, table, retry }, keys, options);
    const seconds = nowSeconds(clock);
    return keys.map((key) => {
      const item = found.get(keyName(key));
      return item !== undefined && isLive(item, seconds) ? item : undefined;
    });
  };

  return {
    async get(asked, key) {
      checkKey(key);
      const { client, owner } = await clients.forReading(asked);
      const input = { TableName: table, Key: keyAttributes(owner, key), ConsistentRead: true };
      const { Item: attributes } = await retry.send(() => client.send(new GetItemCommand(input)));
      const item = attributes === undefined ? undefined : decodeItem(owner, attributes);
      return item !== undefined && isLive(item, nowSeconds(clock)) ? item : undefined;
    },
    async batchGet(asked, keys) {
      const { client, owner } = await clients.forReading(asked);
      return batch(
        client,
        keys.map((key) => ({ ...key, owner })),
      );
    },
    // Of many tenants at once: for the system, by whose own credentials it goes.
    peek: (keys) => batch(clients.own, keys, { eventual: true }),
    async query(asked, query) {
      checkKeyPart('partition', query.partition, maxPartitionBytes);
      checkLimit(query.limit ?? 1);
      const { client, owner } = await clients.forReading(asked);
      return queryItems({ client, table, retry }, owner, query, nowSeconds(clock));
    },
    async transact(asked, operations) {
      checkOperations(operations);
      const { client, owner } = await clients.forWriting(asked);
      await writeItems({ client, table, retry }, owner, operations, nowSeconds(clock));
    },
    async close() {
      clients.destroy();
    },
  };
}

function openClients({
  endpoint,
  region,
  credentials,
  requestMilliseconds,
  tenants,
}: DynamoStoreOptions): OwnerClients {
  const config = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    // The store tries again by itself, knowing what a transaction's cancellation means.
    maxAttempts: 1,
    requestHandler: requestTimeouts(requestMilliseconds),
  };
  return createOwnerClients({ config, tenants });
}
