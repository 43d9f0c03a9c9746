import {
  DynamoDBClient,
  GetItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { AssumeRoleCommand, STSClient, type Tag } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { keyAttributes } from '../../src/store/dynamodb/attributes.ts';
import { createTestTable } from '../store/support/dynamodb.ts';
import { place, tenantRoleDocuments } from '../support/iam/cloud-roles.ts';

/*
 * What the emulator enforces by itself: who takes the role, with which tags, and for which actions on which table. It
 * knows nothing of keys of the table: those are in test/store/tenant-isolation.test.ts.
 */

const account = place.account;
const kmsKey = `arn:aws:kms:${place.region}:${account}:key/secrets`;
const arnOf = (role: string) => `arn:aws:iam::${account}:role/${role}`;
const part = 'kumulus-test-ApiRole-1ABC';
const stranger = 'another-application';

let ministack: Ministack;
let table: string;
let tenantRole: string;

/** Calls IAM as the account's root, for which the emulator takes no signature. */
async function iam(action: string, parameters: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(ministack.endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${place.region}/iam/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }),
  });
  if (!answer.ok) {
    throw new Error(`${action} answered ${answer.status}: ${await answer.text()}`);
  }
}

async function createRole(name: string, trust: unknown, policy: unknown): Promise<void> {
  await iam('CreateRole', { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
  const document = JSON.stringify(policy);
  await iam('PutRolePolicy', { RoleName: name, PolicyName: 'all', PolicyDocument: document });
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

async function take(role: string, by: Keys, tags: readonly Tag[] = []): Promise<Keys> {
  const sts = new STSClient({ endpoint: ministack.endpoint, region: place.region, credentials: by });
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'test', Tags: [...tags] }),
  );
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  };
}

const root: Keys = { accessKeyId: 'test', secretAccessKey: 'test' };
const tenant = (name: string): Tag => ({ Key: 'tenant', Value: name });

beforeAll(async () => {
  vi.stubEnv('AUTH', 'true');
  ministack = await startMinistack();
  ({ table } = await createTestTable(ministack.endpoint));
  const { trust, policy, arn } = tenantRoleDocuments({ table, kmsKey });
  tenantRole = arn;
  // AWS tells the role of a session as `aws:PrincipalArn`, the emulator the session itself.
  const ofSessions = JSON.parse(
    JSON.stringify(trust).replaceAll(`:iam::${account}:role/`, `:sts::${account}:assumed-role/`),
  );
  await createRole(arn.slice(arn.lastIndexOf('/') + 1), ofSessions, policy);
  for (const name of [part, stranger]) {
    const everybody = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'sts:AssumeRole',
    };
    const mayTake = { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: tenantRole };
    await createRole(
      name,
      { Version: '2012-10-17', Statement: [everybody] },
      { Version: '2012-10-17', Statement: [mayTake] },
    );
  }
}, 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await ministack.stop();
});

describe('an emulator that enforces', () => {
  it('lets a part of the stage take the role for a tenant, and work with the table', async () => {
    const credentials = await take(tenantRole, await take(arnOf(part), root), [tenant('acme')]);
    const client = new DynamoDBClient({ endpoint: ministack.endpoint, region: place.region, credentials });
    const Key = keyAttributes(tenantId('acme'), { partition: 'p', sort: 'a' });
    await client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: table, Item: { ...Key, value: { S: 'x' } } } },
          {
            ConditionCheck: {
              TableName: table,
              Key: { ...Key, sk: { S: 'b' } },
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
        ],
      }),
    );
    const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key }));
    expect(item?.value).toEqual({ S: 'x' });
    const refused = { name: expect.stringMatching(/^AccessDenied/) };
    await expect(client.send(new ScanCommand({ TableName: table }))).rejects.toMatchObject(refused);
    await expect(client.send(new GetItemCommand({ TableName: 'other', Key }))).rejects.toMatchObject(refused);
  });

  it.each([
    ['a part without a tag', part, []],
    ['a part with a tag beside the tenant', part, [tenant('acme'), { Key: 'other', Value: 'x' }]],
    ['a part as the system', part, [tenant(':system')]],
    ['a part for a tenant without a name', part, [tenant('')]],
    ['another application of the account', stranger, [tenant('acme')]],
  ])('refuses it to %s', async (_, name, tags) => {
    const by = await take(arnOf(name), root);
    await expect(take(tenantRole, by, tags)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('lets a part do nothing with the table by itself that its own policy does not say', async () => {
    const credentials = await take(arnOf(part), root);
    const client = new DynamoDBClient({ endpoint: ministack.endpoint, region: place.region, credentials });
    const Key = keyAttributes(tenantId('acme'), { partition: 'p', sort: 'a' });
    await expect(client.send(new GetItemCommand({ TableName: table, Key }))).rejects.toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
    });
  });
});
