import { cloudTenantRole } from '../../../functions/tenant-role.ts';
import type { StartEngine } from '../../../src/store/contract/world.ts';
import { createDynamoStore } from '../../../src/store/dynamodb/dynamo-store.ts';
import { createTenantCredentials } from '../../../src/store/dynamodb/tenant-credentials.ts';
import { place, startCloudRoles } from '../../support/iam/cloud-roles.ts';
import { startDynamoDb, type TestDynamoDb } from './dynamodb.ts';

/**
 * A DynamoDB on this machine that is reached as in the cloud: tenants' items by the tenants' role, one tenant at a time,
 * and the system's by what the parts may do by themselves. What these do not let through fails.
 */
export const startIsolatedDynamoDb: StartEngine = async (clock) => {
  const dynamoDb = await startDynamoDb();
  // Another DynamoDB than ministack has no STS beside it.
  const isGiven = (process.env.DYNAMODB_ENDPOINT ?? '') !== '';
  const { roles, tenants } = isGiven ? { roles: undefined, tenants: undefined } : await startRoles(dynamoDb);
  const items = createDynamoStore({
    ...dynamoDb,
    endpoint: roles?.endpoint ?? dynamoDb.endpoint,
    tenants,
    clock,
  });
  return {
    items,
    async stop() {
      await items.close();
      await roles?.close();
      await dynamoDb.stop();
    },
  };
};

async function startRoles({ endpoint: target, table, credentials: own }: TestDynamoDb) {
  const roles = await startCloudRoles({
    ...{ target, table, kmsKey: `arn:aws:kms:${place.region}:${place.account}:key/none` },
    processes: { [own.accessKeyId]: ['api', 'jobs', 'relay'] },
  });
  process.env.AWS_REGION = place.region;
  process.env.AWS_ACCESS_KEY_ID = own.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = own.secretAccessKey;
  const take = cloudTenantRole({ arn: roles.tenantRole, endpoint: roles.endpoint });
  const credentials = createTenantCredentials({ take, clock: Date.now });
  return { roles, tenants: { credentials, isTenant: async () => true } };
}
