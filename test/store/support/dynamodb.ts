import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { startMinistack } from '../../../dev/ministack.ts';
import { expiryAttribute, tableDefinition } from '../../../src/store/dynamodb/table.ts';

/** A DynamoDB for tests with an empty table. */
export interface TestDynamoDb {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly table: string;
  stop(): Promise<void>;
}

/** The one that `DYNAMODB_ENDPOINT` names (any local one; its table stays behind), else a ministack of its own. */
export async function startDynamoDb(): Promise<TestDynamoDb> {
  const given = process.env.DYNAMODB_ENDPOINT ?? '';
  const started = given === '' ? await startMinistack() : { endpoint: given, stop: async () => {} };
  return { ...(await createTestTable(started.endpoint)), stop: started.stop };
}

/** Makes a table of its own in a DynamoDB that runs. */
export async function createTestTable(endpoint: string): Promise<Omit<TestDynamoDb, 'stop'>> {
  const region = process.env.AWS_REGION ?? 'eu-central-1';
  const credentials = {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? 'test',
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? 'test',
  };
  const table = `kumulus-test-${Math.random().toString(36).slice(2)}`;
  const client = new DynamoDBClient({ endpoint, region, credentials });
  await client.send(new CreateTableCommand({ TableName: table, ...tableDefinition }));
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: table,
      TimeToLiveSpecification: { AttributeName: expiryAttribute, Enabled: true },
    }),
  );
  client.destroy();
  return { endpoint, region, credentials, table };
}
