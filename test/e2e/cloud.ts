import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import * as z from 'zod';
import { startMinistack } from '../../dev/ministack.ts';
import { type Child, type Children, createChildren } from '../../dev/quickstart/children.ts';
import { gatewayEvent } from '../../dev/tools/gateway-event.ts';
import { makeTableAndKey } from '../../dev/tools/table-and-key.ts';
import { type ApiHandler, createApiHandler } from '../../functions/api-handler.ts';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';
import { startCloudRoles } from '../support/iam/cloud-roles.ts';
import type { Refusal } from '../support/iam/gateway.ts';
import type { MeshHost } from './mesh.ts';

/** A relay in a process of its own. */
export interface RelayProcess {
  readonly port: number;
  readonly child: Child;
}

/** The parts of the cloud on one table: the API's function, relays as processes, and what is in front of them. */
export interface Cloud extends MeshHost {
  startRelay(): Promise<RelayProcess>;
  /** New connections of proxies go to these. */
  serveBy(...relays: readonly RelayProcess[]): void;
  /** What the parts asked for and their roles refused. */
  refused(): readonly Refusal[];
  /** The JSON of an answer with 200. */
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

export interface CloudOptions {
  /** Environment of the relays, beside what they cannot do without. */
  readonly relays?: Readonly<Record<string, string>>;
}

const domain = 'api.example.com';
const tenant = 'acme';
const operatorToken = 'operator-of-the-test-deployment';
const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'api', AWS_SECRET_ACCESS_KEY: 'test' };

const answerSchema = z.object({ statusCode: z.number(), body: z.string() });
const lineSchema = z.object({ message: z.string(), port: z.number().optional() });

/** One cloud for all tests of a file. */
export function useCloud(options: CloudOptions = {}): () => Cloud {
  let running: Cloud | undefined;
  beforeAll(async () => {
    running = await startCloud(options);
  }, 60_000);
  afterAll(() => running?.stop());
  return () => {
    if (running === undefined) throw new Error('the cloud runs during tests alone');
    return running;
  };
}

async function startCloud(options: CloudOptions): Promise<Cloud> {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-cloud-'));
  const children = createChildren(join(folder, 'logs'));
  const ministack = await startMinistack();
  const { endpoint } = ministack;
  Object.assign(process.env, aws);
  const { table, kmsKey } = await makeTableAndKey(endpoint);
  // Each part has what its own role gives it, and a tenant's items by the tenants' role.
  const roles = await startCloudRoles({
    ...{ target: endpoint, table, kmsKey },
    processes: { api: ['api'], relay: ['relay'] },
  });
  const shared = {
    KUMULUS_TABLE: table,
    KUMULUS_KMS_KEY: kmsKey,
    KUMULUS_TENANT_ROLE: roles.tenantRole,
    AWS_ENDPOINT_URL: roles.endpoint,
  };
  const handler = createApiHandler({
    ...shared,
    KUMULUS_BASE_DOMAIN: domain,
    KUMULUS_OPERATOR_TOKEN: operatorToken,
    KUMULUS_LOG_LEVEL: 'error',
  });
  const call = callerOf(handler);
  const created = await call(domain, operatorToken, 'POST', '/tenants', {
    id: tenant,
    settings: { access: 'kuma' },
  });
  const { adminToken } = z.object({ adminToken: z.string() }).parse(JSON.parse(created));
  const asAdmin = (method: string, path: string, body?: object) =>
    call(`${tenant}.${domain}`, adminToken, method, path, body);

  const balancer: Balancer = await startBalancer();
  const tls = writeCertificate(folder, await makeServerCertificate());
  let count = 0;
  return {
    children: () => children,
    folder: () => folder,
    controlPlane: () => ({
      dp: `https://localhost:${balancer.port}`,
      ca: tls.ca,
      put: async (path, resource) => void (await asAdmin('PUT', path, resource)),
      token: (mesh, service) =>
        asAdmin('POST', '/tokens/dataplane', {
          mesh,
          tags: { 'kuma.io/service': [service] },
          validFor: '24h',
        }),
    }),
    refused: () => roles.refused,
    get: async (path) => JSON.parse(await asAdmin('GET', path)),
    startRelay: () =>
      startRelay(children, `relay-${++count}`, {
        ...aws,
        AWS_ACCESS_KEY_ID: 'relay',
        ...shared,
        KUMULUS_DEFAULT_TENANT: tenant,
        // As the stack of the stage `test` tells its relays, so that their roles let them make queues.
        KUMULUS_QUEUE_PREFIX: 'kumulus-test-relay-',
        KUMA_DP_SERVER_PORT: '0',
        // Where the balancer listens; relays of the cloud listen on the same port.
        KUMA_BOOTSTRAP_SERVER_PARAMS_XDS_PORT: String(balancer.port),
        KUMA_DIAGNOSTICS_SERVER_PORT: '0',
        KUMA_DP_SERVER_TLS_CERT_FILE: tls.certificate,
        KUMA_DP_SERVER_TLS_KEY_FILE: tls.key,
        KUMULUS_DP_SERVER_CA_FILE: tls.ca,
        ...options.relays,
      }),
    serveBy: (...relays) => balancer.setTargets(relays.map(({ port }) => port)),
    async stop() {
      await children.stopAll();
      await balancer.stop();
      await roles.close();
      await ministack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Calls the function as the gateway does; gives the body of an answer with 2xx. */
function callerOf(handler: ApiHandler) {
  return async (host: string, token: string, method: string, path: string, body?: object) => {
    const [pathname = '', query = ''] = path.split('?', 2);
    const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
    const event = gatewayEvent({
      ...{ host, method, path: pathname, query },
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = answerSchema.parse(await handler(event));
    if (answer.statusCode >= 300) {
      throw new Error(`${method} ${path} answered ${answer.statusCode}: ${answer.body}`);
    }
    return answer.body;
  };
}

function writeCertificate(folder: string, made: Awaited<ReturnType<typeof makeServerCertificate>>) {
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    ca: write('ca.pem', made.ca),
    certificate: write('cert.pem', made.certificate),
    key: write('key.pem', made.key),
  };
}

/** @throws Error where it ends before it listens. */
async function startRelay(
  children: Children,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<RelayProcess> {
  const child = children.start({
    ...{ name, program: process.execPath, args: ['dist/xds-relay/main.js'] },
    env,
  });
  const port = await Promise.race([
    new Promise<number>((resolve) => {
      child.onLine((line) => {
        const { data } = lineSchema.safeParse(JSON.parse(line));
        if (data?.message === 'the relay listens' && data.port !== undefined) resolve(data.port);
      });
    }),
    child.ended.then((code) => {
      throw new Error(`${name} ended with code ${code} before it listened`);
    }),
  ]);
  return { port, child };
}
