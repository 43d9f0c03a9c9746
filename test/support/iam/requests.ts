import * as z from 'zod';
import type { AccessRequest } from './policy.ts';

/** A request to AWS as it is sent: a JSON body, and the operation in a header. */
export interface SentRequest {
  /** The value of `x-amz-target`, such as `DynamoDB_20120810.GetItem`. */
  readonly target: string;
  readonly body: unknown;
}

/** Where resources are that requests name without an ARN. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

const keySchema = z.object({ pk: z.object({ S: z.string() }) });
const keyedSchema = z.object({ TableName: z.string(), Key: keySchema });
const puttingSchema = z.object({ TableName: z.string(), Item: keySchema });
const querySchema = z.object({
  TableName: z.string(),
  KeyConditionExpression: z.string().regex(/^pk = :pk\b/),
  ExpressionAttributeValues: z.object({ ':pk': z.object({ S: z.string() }) }),
});
const batchSchema = z.object({
  RequestItems: z.record(z.string(), z.object({ Keys: z.array(keySchema) })),
});
const transactionSchema = z.object({
  TransactItems: z.array(
    z.union([
      z.object({ Put: puttingSchema }),
      z.object({ Delete: keyedSchema }),
      z.object({ ConditionCheck: keyedSchema }),
    ]),
  ),
});
const tableSchema = z.object({ TableName: z.string() });
const dataKeySchema = z.object({
  KeyId: z.string(),
  EncryptionContext: z.record(z.string(), z.string()).optional(),
});
const eventsSchema = z.object({ Entries: z.array(z.object({ EventBusName: z.string() })) });

const queueSchema = z.union([
  z.object({ QueueName: z.string() }).transform(({ QueueName: name }) => name),
  // Queues are named by their addresses, which end with their names.
  z.object({ QueueUrl: z.url() }).transform(({ QueueUrl: address }) => address.replace(/^.*\//, '')),
]);

/** What IAM is asked for a request of DynamoDB, KMS, SQS or EventBridge; all of it must be allowed. */
export function accessRequestsOf({ target, body }: SentRequest, place: Place): readonly AccessRequest[] {
  const [service = '', operation = ''] = target.split('.');
  if (service.startsWith('DynamoDB_')) {
    return dynamoDbRequests(operation, body).map(({ action, table, keys }) => ({
      action: `dynamodb:${action}`,
      resource: `arn:aws:dynamodb:${place.region}:${place.account}:table/${table}`,
      context: keys.length === 0 ? {} : { 'dynamodb:LeadingKeys': keys },
    }));
  }
  if (service === 'TrentService') {
    const { KeyId: resource, EncryptionContext: context = {} } = dataKeySchema.parse(body);
    const pairs = Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]);
    return [{ action: `kms:${operation}`, resource, context: Object.fromEntries(pairs) }];
  }
  if (service === 'AWSEvents') {
    return eventsSchema.parse(body).Entries.map(({ EventBusName: bus }) => ({
      action: `events:${operation}`,
      resource: `arn:aws:events:${place.region}:${place.account}:event-bus/${bus}`,
      context: {},
    }));
  }
  if (service === 'AmazonSQS') {
    const resource = `arn:aws:sqs:${place.region}:${place.account}:${queueSchema.parse(body)}`;
    return [{ action: `sqs:${operation}`, resource, context: {} }];
  }
  throw new Error(`nobody here knows what ${target} takes to be allowed`);
}

interface KeyedRequest {
  readonly action: string;
  readonly table: string;
  /** Partition keys: DynamoDB's `LeadingKeys`. */
  readonly keys: readonly string[];
}

function dynamoDbRequests(operation: string, body: unknown): readonly KeyedRequest[] {
  switch (operation) {
    case 'GetItem':
    case 'DeleteItem':
      return [keyed(operation, keyedSchema.parse(body))];
    case 'PutItem':
      return [put(puttingSchema.parse(body))];
    case 'Query': {
      const { TableName: table, ExpressionAttributeValues: values } = querySchema.parse(body);
      return [{ action: operation, table, keys: [values[':pk'].S] }];
    }
    case 'BatchGetItem':
      return Object.entries(batchSchema.parse(body).RequestItems).map(([table, { Keys: keys }]) => ({
        action: operation,
        table,
        keys: keys.map(({ pk }) => pk.S),
      }));
    case 'TransactWriteItems':
      return transaction(body);
    default:
      // What names no key, such as a scan.
      return [{ action: operation, table: tableSchema.parse(body).TableName, keys: [] }];
  }
}

/**
 * The operations of a transaction are allowed as those that they would be alone. DynamoDB's documents do not say whether
 * their keys are looked at one by one or together by action: here both must be allowed.
 */
function transaction(body: unknown): readonly KeyedRequest[] {
  const single = transactionSchema.parse(body).TransactItems.map((item): KeyedRequest => {
    if ('Put' in item) {
      return put(item.Put);
    }
    return 'Delete' in item
      ? keyed('DeleteItem', item.Delete)
      : keyed('ConditionCheckItem', item.ConditionCheck);
  });
  const together = new Map<string, KeyedRequest>();
  for (const { action, table, keys } of single) {
    const name = `${action} ${table}`;
    together.set(name, { action, table, keys: [...(together.get(name)?.keys ?? []), ...keys] });
  }
  return [...single, ...together.values()];
}

function put({ TableName: table, Item: { pk } }: z.infer<typeof puttingSchema>): KeyedRequest {
  return { action: 'PutItem', table, keys: [pk.S] };
}

function keyed(action: string, { TableName: table, Key: { pk } }: z.infer<typeof keyedSchema>): KeyedRequest {
  return { action, table, keys: [pk.S] };
}
