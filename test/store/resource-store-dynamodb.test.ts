import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { resourceStoreCases } from './cases/all.case.ts';
import { startDynamoDb } from './support/dynamodb.ts';

resourceStoreCases('DynamoDB', async (clock) => {
  const dynamoDb = await startDynamoDb();
  const items = createDynamoStore({ ...dynamoDb, clock });
  return {
    items,
    async stop() {
      await items.close();
      await dynamoDb.stop();
    },
  };
});
