import { BatchGetItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { KumulusError } from '../../model/errors.ts';
import { isLive } from '../expiry.ts';
import { defaultPageLimit, type Item, type ItemKey, type Page, type Query } from '../port.ts';
import { type Attributes, decodeItem, type KeyOwner, keyAttributes, partitionKey } from './attributes.ts';
import type { Retry } from './retry.ts';

/** What the reading functions need. */
export interface ReadDeps {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly retry: Retry;
}

/** Names one item of the table. */
export interface TableKey extends ItemKey {
  readonly owner: KeyOwner;
}

/** BatchGetItem takes 100 keys. */
const batchSize = 100;

export interface BatchOptions {
  /** See {@link Query.eventual}. */
  readonly eventual?: true;
}

/** Reads items by key, in batches of 100 side by side; by `keyName`, what has expired included. */
export async function batchGetItems(
  deps: ReadDeps,
  keys: readonly TableKey[],
  options: BatchOptions = {},
): Promise<ReadonlyMap<string, Item>> {
  const found = new Map<string, Item>();
  const unique = [...new Map(keys.map((key) => [keyName(key), key])).values()];
  const batches = Array.from({ length: Math.ceil(unique.length / batchSize) }, (_, position) =>
    unique.slice(position * batchSize, (position + 1) * batchSize),
  );
  await Promise.all(batches.map((batch) => readBatch(deps, batch, options, found)));
  return found;
}

/** Tells keys apart. */
export function keyName({ owner, partition, sort }: TableKey): string {
  return `${owner}\0${partition}\0${sort}`;
}

/** One batch: what DynamoDB leaves for later, as it does beyond 16 MB or when throttled, is asked for again. */
async function readBatch(
  deps: ReadDeps,
  batch: readonly TableKey[],
  { eventual = false }: { readonly eventual?: boolean },
  found: Map<string, Item>,
): Promise<void> {
  const { client, table, retry } = deps;
  const owners = new Map(batch.map((key) => [partitionKey(key.owner, key.partition), key.owner]));
  let left: Attributes[] = batch.map((key) => keyAttributes(key.owner, key));
  let idle = 0;
  while (left.length > 0) {
    const asked = left;
    const answer = await retry.send(() =>
      client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: asked, ConsistentRead: !eventual } } }),
      ),
    );
    const received = answer.Responses?.[table] ?? [];
    for (const attributes of received) {
      const owner = owners.get(attributes.pk?.S ?? '');
      if (owner !== undefined) {
        const item = decodeItem(owner, attributes);
        found.set(keyName({ ...item, owner }), item);
      }
    }
    left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    idle = received.length > 0 ? 0 : idle + 1;
    if (left.length > 0 && received.length === 0) {
      if (idle >= retry.maxAttempts) {
        throw new KumulusError('unavailable', 'the table could not be reached: throttled', {
          retryAfterSeconds: 1,
        });
      }
      await retry.pause(idle);
    }
  }
}

/** What is live of one page of DynamoDB's, which ends at 1 MB. */
export async function queryItems(
  deps: ReadDeps,
  owner: KeyOwner,
  query: Query,
  seconds: number,
): Promise<Page> {
  const { partition, prefix = '', after, limit = defaultPageLimit } = query;
  const pk = partitionKey(owner, partition);
  const start = startOf(prefix, after);
  if (start === 'beyond') {
    return { items: [] };
  }
  const answer = await deps.retry.send(() =>
    deps.client.send(
      new QueryCommand({
        TableName: deps.table,
        ConsistentRead: query.eventual !== true,
        Limit: limit,
        KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: {
          ':pk': { S: pk },
          ...(prefix === '' ? {} : { ':prefix': { S: prefix } }),
        },
        ...(start === 'first' ? {} : { ExclusiveStartKey: { pk: { S: pk }, sk: { S: start.after } } }),
      }),
    ),
  );
  const items = (answer.Items ?? [])
    .map((attributes) => decodeItem(owner, attributes))
    .filter((item) => isLive(item, seconds));
  const next = answer.LastEvaluatedKey?.sk?.S;
  return next === undefined ? { items } : { items, next };
}

/** Where a query starts: DynamoDB refuses a start that is outside of the prefix. */
function startOf(prefix: string, after: string | undefined): 'first' | 'beyond' | { readonly after: string } {
  if (after === undefined || after.startsWith(prefix)) {
    return after === undefined || after === '' ? 'first' : { after };
  }
  return Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0 ? 'first' : 'beyond';
}
