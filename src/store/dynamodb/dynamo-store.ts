import { DynamoDBClient, type DynamoDBClientConfig, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../model/ports.ts';
import { noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import { isLive, nowSeconds } from '../expiry.ts';
import { checkKey, checkKeyPart, checkLimit, checkOperations } from '../limits.ts';
import { type ItemStore, maxPartitionBytes, type OwnedKey } from '../port.ts';
import { decodeItem, keyAttributes } from './attributes.ts';
import { type BatchOptions, batchGetItems, keyName, queryItems } from './reads.ts';
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
  const client = createClient(options);
  const { telemetry = noTelemetry } = options;
  const retry = createRetry({ telemetry, ...options.retry });
  const deps = { client, table, retry };

  const batch = async (keys: readonly OwnedKey[], options: BatchOptions = {}) => {
    keys.forEach(checkKey);
    const found = await batchGetItems(deps, keys, options);
    const seconds = nowSeconds(clock);
    return keys.map((key) => {
      const item = found.get(keyName(key));
      return item !== undefined && isLive(item, seconds) ? item : undefined;
    });
  };

  return {
    async get(owner, key) {
      checkKey(key);
      const input = { TableName: table, Key: keyAttributes(owner, key), ConsistentRead: true };
      const { Item: attributes } = await retry.send(() => client.send(new GetItemCommand(input)));
      const item = attributes === undefined ? undefined : decodeItem(owner, attributes);
      return item !== undefined && isLive(item, nowSeconds(clock)) ? item : undefined;
    },
    batchGet: (owner, keys) => batch(keys.map((key) => ({ ...key, owner }))),
    peek: (keys) => batch(keys, { eventual: true }),
    async query(owner, query) {
      checkKeyPart('partition', query.partition, maxPartitionBytes);
      checkLimit(query.limit ?? 1);
      return queryItems(deps, owner, query, nowSeconds(clock));
    },
    async transact(owner, operations) {
      checkOperations(operations);
      await writeItems(deps, owner, operations, nowSeconds(clock));
    },
    async close() {
      client.destroy();
    },
  };
}

function createClient({
  endpoint,
  region,
  credentials,
  requestMilliseconds,
}: DynamoStoreOptions): DynamoDBClient {
  return new DynamoDBClient({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    // The store tries again by itself, knowing what a transaction's cancellation means.
    maxAttempts: 1,
    requestHandler: requestTimeouts(requestMilliseconds),
  });
}
