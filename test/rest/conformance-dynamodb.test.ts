import { afterAll, beforeAll } from 'vitest';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { startDynamoDb, type TestDynamoDb } from '../store/support/dynamodb.ts';
import { createApiFixture } from '../support/api-fixture.ts';
import { conformanceCases } from './conformance.case.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb?.stop());

let tenants = 0;
conformanceCases('in process, DynamoDB', async () => {
  const api = await createApiFixture([`tenant-${++tenants}`], {
    openItems: (clock) => createDynamoStore({ ...dynamoDb, clock }),
  });
  return { ...api, stop: api.close };
});
