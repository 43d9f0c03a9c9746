import { randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { ConditionFailedError, type Operation, type Owner } from '../port.ts';
import { conditionInput, encodeItem, keyAttributes } from './attributes.ts';
import type { Retry } from './retry.ts';

/** What writing needs. */
export interface WriteDeps {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly retry: Retry;
}

/**
 * Writes all operations or none. One operation alone costs half as a plain request, so it is one where that can be
 * repeated without harm: without a condition, or as a put, which finds its own token again.
 */
export async function writeItems(
  deps: WriteDeps,
  owner: Owner,
  operations: readonly Operation[],
  seconds: number,
): Promise<void> {
  const [only] = operations;
  if (operations.length === 1 && only?.kind === 'put') {
    return putItem(deps, only.owner ?? owner, only, seconds);
  }
  if (operations.length === 1 && only?.kind === 'delete' && only.condition === undefined) {
    const input = { TableName: deps.table, Key: keyAttributes(only.owner ?? owner, only.key) };
    await deps.retry.send(() => deps.client.send(new DeleteItemCommand(input)));
    return;
  }
  // The same token with every attempt: what has been written by one that seemed lost is not written again.
  const command = {
    ClientRequestToken: randomUUID(),
    TransactItems: operations.map((operation) =>
      transactItem(deps.table, operation.owner ?? owner, operation, seconds),
    ),
  };
  await deps.retry.send(() => deps.client.send(new TransactWriteItemsCommand(command)));
}

async function putItem(
  { client, table, retry }: WriteDeps,
  owner: Owner,
  { item, condition }: Extract<Operation, { kind: 'put' }>,
  seconds: number,
): Promise<void> {
  const token = condition === undefined ? undefined : randomUUID();
  const input = {
    TableName: table,
    Item: encodeItem(owner, item, token),
    ...(condition === undefined
      ? {}
      : { ...conditionInput(condition, seconds), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
  };
  await retry.send(async () => {
    try {
      await client.send(new PutItemCommand(input));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) {
        throw error;
      }
      // An attempt whose answer was lost has written it.
      if (token === undefined || error.Item?.token?.S !== token) {
        throw new ConditionFailedError([0]);
      }
    }
  });
}

function transactItem(table: string, owner: Owner, operation: Operation, seconds: number): TransactWriteItem {
  const base = { TableName: table };
  const condition = operation.condition === undefined ? {} : conditionInput(operation.condition, seconds);
  switch (operation.kind) {
    case 'put':
      return { Put: { ...base, Item: encodeItem(owner, operation.item), ...condition } };
    case 'delete':
      return { Delete: { ...base, Key: keyAttributes(owner, operation.key), ...condition } };
    case 'check':
      return {
        ConditionCheck: {
          ...base,
          Key: keyAttributes(owner, operation.key),
          ...conditionInput(operation.condition, seconds),
        },
      };
  }
}
