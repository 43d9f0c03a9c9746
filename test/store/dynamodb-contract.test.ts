import { storeContract } from '../../src/store/contract.case.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { startDynamoDb } from './support/dynamodb.ts';

storeContract('DynamoDB', async (clock) => {
  const dynamoDb = await startDynamoDb();
  const store = createDynamoStore({ ...dynamoDb, clock });
  return {
    store,
    async stop() {
      await store.close();
      await dynamoDb.stop();
    },
  };
});
