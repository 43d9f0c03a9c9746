import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { tableDefinition } from '../../src/store/dynamodb/table.ts';

/** What is made of a deployment before its functions. */
export interface TableAndKey {
  readonly table: string;
  /** The ARN of the key that wraps the tenants' data keys. */
  readonly kmsKey: string;
}

/** Makes both in an empty AWS, as who the environment says (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`). */
export async function makeTableAndKey(endpoint: string): Promise<TableAndKey> {
  const table = 'kumulus';
  await new DynamoDBClient({ endpoint }).send(
    new CreateTableCommand({ TableName: table, ...tableDefinition }),
  );
  const { KeyMetadata: key } = await new KMSClient({ endpoint }).send(new CreateKeyCommand({}));
  if (key?.Arn === undefined) {
    throw new Error('a key was made without an ARN');
  }
  return { table, kmsKey: key.Arn };
}
