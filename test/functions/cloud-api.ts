import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { vi } from 'vitest';
import { startMinistack } from '../../dev/ministack.ts';
import { gatewayEvent } from '../../dev/tools/gateway-event.ts';
import { makeTableAndKey } from '../../dev/tools/table-and-key.ts';
import { type ApiHandler, createApiHandler } from '../../functions/api-handler.ts';
import { createJobsHandler } from '../../functions/jobs-handler.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { type TenantId, tenantId } from '../../src/model/tenant.ts';
import { resourceType } from '../../src/policies/registry.ts';
import { createKmsMasterKey } from '../../src/secrets/kms-master-key.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { secretData } from '../../src/secrets/secret-data.ts';
import { createResourceStore } from '../../src/store/create-resource-store.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { ensureTenant } from '../../src/tenancy/ensure-tenant.ts';
import { createTenantDirectory } from '../../src/tenancy/tenant-directory.ts';
import { newTenantRecord, noQuotas, tenantSettingsSchema } from '../../src/tenancy/tenant-record.ts';
import { newSigningKey } from '../../src/tokens/new-signing-key.ts';
import { type CloudRoles, startCloudRoles } from '../support/iam/cloud-roles.ts';

/** What a request says beside its method and path. */
export interface Sent {
  /** `acme.api.example.com` unless told. */
  readonly host?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** What the function gives back to the gateway. */
export interface Result {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** API and jobs as functions on an emulated cloud, each under its deployed role, with the tenants `acme` and `other`. */
export interface CloudApi {
  /** Of the table and the key, without a role before them. */
  readonly endpoint: string;
  readonly table: DynamoDBClient;
  /** What the API's function is started with. */
  readonly environment: NodeJS.ProcessEnv;
  /** What a role does not let through fails the test that asks for it, and is noted. */
  readonly apiRoles: CloudRoles;
  readonly jobsRoles: CloudRoles;
  /** The token of a tenant's administrator. */
  adminOf(tenant: 'acme' | 'other'): string;
  openItems(): ItemStore;
  /** Calls the function as the administrator of `acme` unless other headers are given. */
  call(method: string, path: string, sent?: Sent): Promise<Result>;
  /** Calls another one. */
  ask(handler: ApiHandler, method: string, path: string, sent?: Sent): Promise<Result>;
  runJobs(): Promise<void>;
  close(): Promise<void>;
}

const event = (method: string, path: string, { host = 'acme.api.example.com', ...sent }: Sent = {}) =>
  gatewayEvent({ host, method, path, ...sent, headers: { accept: 'application/json', ...sent.headers } });

/** Makes a tenant with all that it needs; gives the token of its administrator. */
async function makeTenant(
  stores: {
    readonly items: ItemStore;
    readonly kmsKey: string;
    readonly kms: KMSClient;
  },
  tenant: TenantId,
): Promise<string> {
  const { items, kms, kmsKey } = stores;
  const clock = Date.now;
  const resources = createResourceStore({
    items,
    secretBox: createSecretBox({ master: createKmsMasterKey({ client: kms, keyId: kmsKey }), clock }),
    isSecret: (type) => resourceType(type)?.secret === true,
    clock,
    logger: silentLogger,
  });
  const deps = { resources, signingKeys: newSigningKey, clock, ids: randomUUID, logger: silentLogger };
  await ensureTenant({ ...deps, zone: 'default' }, tenant);
  const spec = { quotas: noQuotas, settings: tenantSettingsSchema.parse({}) };
  await createTenantDirectory(items).add(newTenantRecord(tenant, spec, clock(), 'active'));
  const key = { type: 'GlobalSecret', mesh: '', name: 'admin-user-token' };
  const token = await resources.get(tenant, key);
  return token === undefined ? '' : secretData(token).toString('utf8');
}

/** Starts the cloud and the functions; whoever does closes it. */
export async function startCloudApi(): Promise<CloudApi> {
  const ministack = await startMinistack();
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'part');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const { endpoint } = ministack;
  const { kmsKey } = await makeTableAndKey(endpoint);
  const kms = new KMSClient({ endpoint });
  const openItems = () => createDynamoStore({ table: 'kumulus', endpoint });
  const items = openItems();
  const acme = await makeTenant({ items, kms, kmsKey }, tenantId('acme'));
  const other = await makeTenant({ items, kms, kmsKey }, tenantId('other'));
  const behind = { target: endpoint, table: 'kumulus', kmsKey };
  const apiRoles = await startCloudRoles({ ...behind, processes: { part: ['api'] } });
  const jobsRoles = await startCloudRoles({ ...behind, processes: { part: ['jobs'] } });
  const environment = {
    KUMULUS_TABLE: 'kumulus',
    KUMULUS_KMS_KEY: kmsKey,
    KUMULUS_BASE_DOMAIN: 'api.example.com',
    KUMULUS_EVENT_BUS: 'default',
    KUMULUS_LOG_LEVEL: 'error',
    KUMULUS_TENANT_ROLE: apiRoles.tenantRole,
    AWS_ENDPOINT_URL: apiRoles.endpoint,
  };
  const handler = createApiHandler(environment);
  const cloud: CloudApi = {
    endpoint,
    table: new DynamoDBClient({ endpoint }),
    environment,
    apiRoles,
    jobsRoles,
    adminOf: (tenant) => ({ acme, other })[tenant],
    openItems,
    call: (method, path, sent = {}) => cloud.ask(handler, method, path, sent),
    async ask(asked, method, path, sent = {}) {
      const headers = sent.headers ?? { authorization: `Bearer ${acme}` };
      const typed = sent.body === undefined ? headers : { 'content-type': 'application/json', ...headers };
      return (await asked(event(method, path, { ...sent, headers: typed }))) as Result;
    },
    runJobs: async () => {
      const jobs = createJobsHandler({ ...environment, AWS_ENDPOINT_URL: jobsRoles.endpoint });
      await jobs(undefined, { getRemainingTimeInMillis: () => 60_000 });
    },
    async close() {
      vi.unstubAllEnvs();
      await Promise.all([apiRoles.close(), jobsRoles.close()]);
      await ministack.stop();
    },
  };
  return cloud;
}

/** A Dataplane whose service is named by a letter that is not ASCII. */
export const dataplane = (name: string, tags: Record<string, string> = {}) => ({
  type: 'Dataplane',
  mesh: 'default',
  name,
  networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'é', ...tags } }] },
});
