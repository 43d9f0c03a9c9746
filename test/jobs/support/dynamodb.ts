import { createDynamoStore } from '../../../src/store/dynamodb/dynamo-store.ts';
import { startDynamoDb } from '../../store/support/dynamodb.ts';
import type { StartEngine } from '../../store/support/world.ts';

/** A DynamoDB on this machine. */
export const startDynamo: StartEngine = async (clock) => {
  const dynamoDb = await startDynamoDb();
  const items = createDynamoStore({ ...dynamoDb, clock });
  return {
    items,
    async stop() {
      await items.close();
      await dynamoDb.stop();
    },
  };
};
