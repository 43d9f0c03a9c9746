import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartEngine } from '../../../src/store/contract/world.ts';
import { createDynamoStore } from '../../../src/store/dynamodb/dynamo-store.ts';
import { createEmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { startDynamoDb } from './dynamodb.ts';

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

/** The embedded engine in a folder of its own. */
export const startEmbedded: StartEngine = async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'kumulus-store-'));
  const items = createEmbeddedStore({ path: join(folder, 'store'), clock });
  return {
    items,
    async stop() {
      await items.close();
      await rm(folder, { recursive: true });
    },
  };
};
