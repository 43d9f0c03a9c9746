import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { type Children, createChildren } from '../../dev/quickstart/children.ts';
import { freePort } from '../../dev/tools/free-port.ts';
import { ask as askService, createMesh, type MeshHost } from '../e2e/mesh.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';
import { ask, taskEnvironment } from './emulated.ts';
import { program, succeed } from './program.ts';

const operatorToken = 'operator-of-the-test-deployment';
const stage = 'dev';
const folder = mkdtempSync(join(tmpdir(), 'kumulus-deployed-'));
const soon = { timeout: 30_000, interval: 100 };

let ministack: Ministack;
let children: Children;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  ministack = await startMinistack();
  children = createChildren(join(folder, 'logs'));
  env = {
    ...process.env,
    AWS_ENDPOINT_URL: ministack.endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    KUMULUS_OPERATOR_TOKEN_SHA256: createHash('sha256').update(operatorToken).digest('hex'),
    // So that a proxy that is dead is found so by the next run of the jobs.
    KUMA_METRICS_DATAPLANE_IDLE_TIMEOUT: '5s',
  };
  await succeed('scripts/build-relay.mjs', [join(folder, 'relay')], env);
});

afterAll(async () => {
  await children?.stopAll();
  await ministack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const deployment = (command: string, ...args: string[]) =>
  succeed(`dist/dev/${command}.js`, ['--stage', stage, ...args], env);

/** The address of the deployed API at the emulated gateway, by the address that AWS would give it. */
function gatewayAt(endpoint: string, output: string): string {
  const id = /^API: https:\/\/([0-9a-f]+)\.execute-api/m.exec(output)?.[1];
  return `${endpoint}/_aws/execute-api/${id}/$default`;
}

const overviewSchema = z.object({
  dataplaneInsight: z.object({ subscriptions: z.array(z.object({ disconnectTime: z.string().optional() })) }),
});

describe('a deployment', () => {
  it('is put up, serves a mesh, finds what is dead, is brought up to date and taken down, and nothing is left', async () => {
    const { endpoint } = ministack;
    await deployment('deploy');
    // What only its owner has, between what lasts and the relays.
    const tls = await makeServerCertificate();
    await ask(endpoint, 'secretsmanager', 'PutSecretValue', {
      SecretId: `kumulus/${stage}/relay-certificate`,
      SecretString: JSON.stringify({ certificate: tls.certificate, key: tls.key, ca: tls.ca }),
    });
    const output = await deployment('deploy', '--image', 'kumulus-relay:1');
    const gateway = gatewayAt(endpoint, output);

    // A tenant.
    const created = await fetch(`${gateway}/tenants`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'acme', settings: { access: 'kuma' } }),
    });
    expect(created.status).toBe(201);
    const { adminToken } = z.object({ adminToken: z.string() }).parse(await created.json());
    const kumulus = (...args: string[]) =>
      succeed('dist/cli/main.js', args, {
        ...env,
        KUMULUS_ADDRESS: `${gateway}/tenants/acme/api`,
        KUMULUS_TOKEN: adminToken,
      });
    const apply = async (resource: object) => {
      const file = join(folder, 'resource.json');
      writeFileSync(file, JSON.stringify(resource));
      await kumulus('apply', '-f', file);
    };

    // A relay, as a process with the environment of the deployed task.
    const port = await freePort();
    const relay = children.start({
      ...{ name: 'relay', program: process.execPath, args: [join(folder, 'relay/relay.mjs')] },
      env: {
        ...env,
        ...(await taskEnvironment(endpoint, `kumulus-${stage}-relay`)),
        KUMULUS_DEFAULT_TENANT: 'acme',
        KUMA_DP_SERVER_PORT: String(port),
        KUMA_BOOTSTRAP_SERVER_PARAMS_XDS_PORT: String(port),
        KUMA_DIAGNOSTICS_SERVER_PORT: '0',
      },
    });
    await new Promise<void>((resolve, reject) => {
      relay.onLine((line) => line.includes('the relay listens') && resolve());
      void relay.ended.then((code) =>
        reject(new Error(`the relay ended with ${code}: see ${relay.logFile}`)),
      );
    });

    // Proxies with real Envoys, and a change that arrives.
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, tls.ca);
    const host: MeshHost = {
      children: () => children,
      folder: () => folder,
      controlPlane: () => ({
        ...{ dp: `https://localhost:${port}`, ca },
        put: (_path, resource) => apply(resource),
        token: async (mesh, service) => {
          const tag = ['--tag', `kuma.io/service=${service}`, '--valid-for', '1h'];
          return (await kumulus('generate', 'dataplane-token', '-m', mesh, ...tag)).trim();
        },
      }),
    };
    const mesh = await createMesh(host);
    await mesh.startEcho('echo-1', 'echo');
    const web = await mesh.startProxy({ name: 'web-1', service: 'web', workload: 1, outbounds: ['echo'] });
    const status = async () => (await askService(web.outbound('echo'))).status;
    await expect.poll(status, soon).toBe(403);
    await mesh.allow('web', 'echo');
    await expect.poll(status, soon).toBe(200);

    // All die at once, and nobody is left who could write that down but the jobs, by their schedule. (Who asks meanwhile is told by the
    // relay's lease that they are gone.)
    relay.kill('SIGKILL');
    await relay.ended;
    const written = () => deployment('logs', '--of', 'jobs', '--since', '1h', '--filter', 'lastHeardOf');
    await expect.poll(written, { timeout: 150_000, interval: 2_000 }).toContain(`"mesh":"${mesh.name}"`);
    const overview = await fetch(
      `${gateway}/tenants/acme/api/meshes/${mesh.name}/dataplanes/web-1/_overview`,
      {
        headers: { authorization: `Bearer ${adminToken}` },
      },
    );
    const { dataplaneInsight } = overviewSchema.parse(await overview.json());
    expect(dataplaneInsight.subscriptions).toEqual([{ disconnectTime: expect.any(String) }]);

    // Once more, and nothing that was is lost: neither the operator's token nor the tenant.
    await succeed('dist/dev/deploy.js', ['--stage', stage], { ...env, KUMULUS_OPERATOR_TOKEN_SHA256: '' });
    const found = await fetch(`${gateway}/tenants/acme`, {
      headers: { authorization: `Bearer ${operatorToken}` },
    });
    expect(found.status).toBe(200);

    // What is to be kept is kept.
    expect(await deployment('remove')).toContain('stays, with all data');
    expect(await leftOver(endpoint)).toMatchObject({ tables: [expect.any(String)], functions: [] });
    const wrong = await program('dist/dev/remove.js', ['--stage', stage, '--delete-data', 'production'], env);
    expect(wrong).toMatchObject({ code: 2, errors: expect.stringContaining('once more') });
    await deployment('remove', '--delete-data', stage);
    expect(await leftOver(endpoint)).toEqual({
      ...{ tables: [], functions: [], buckets: [], rules: [], buses: ['default'], secrets: [], apis: [] },
      ...{ clusters: [], balancers: [], networks: 0, roles: [], logs: [], keys: [] },
    });
  });
});

/** What is there of everything that a deployment makes. */
async function leftOver(endpoint: string) {
  const list = async (service: Parameters<typeof ask>[1], action: string, member: string, name = '') => {
    const items: unknown = Object(await ask(endpoint, service, action))[member];
    return z
      .array(z.unknown())
      .parse(items)
      .map((item) => (name === '' ? item : Object(item)[name]));
  };
  const get = async (path: string, service: string) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    return (await fetch(`${endpoint}${path}`, { headers: { authorization } })).text();
  };
  const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found);
  const networks = await get('/?Action=DescribeVpcs&Version=2016-11-15', 'ec2');
  const keys = await list('kms', 'ListKeys', 'Keys', 'KeyId');
  const states = await Promise.all(keys.map((KeyId) => ask(endpoint, 'kms', 'DescribeKey', { KeyId })));
  return {
    tables: await list('dynamodb', 'ListTables', 'TableNames'),
    functions: all(await get('/2015-03-31/functions', 'lambda'), /"FunctionName": ?"([^"]+)"/g),
    buckets: all(await get('/', 's3'), /<Bucket>.*?<Name>([^<]+)/g),
    rules: await list('events', 'ListRules', 'Rules', 'Name'),
    buses: await list('events', 'ListEventBuses', 'EventBuses', 'Name'),
    secrets: await list('secretsmanager', 'ListSecrets', 'SecretList', 'Name'),
    apis: all(await get('/v2/apis', 'apigateway'), /"apiId": ?"([^"]+)"/gi),
    clusters: await list('ecs', 'ListClusters', 'clusterArns'),
    balancers: all(
      await get('/?Action=DescribeLoadBalancers&Version=2015-12-01', 'elasticloadbalancing'),
      /<LoadBalancerName>([^<]+)/g,
    ),
    networks: all(networks, /<cidrBlock>(10\.78[^<]+)/g).length,
    roles: all(await get('/?Action=ListRoles&Version=2010-05-08', 'iam'), /<RoleName>(kumulus[^<]+)/g),
    logs: await list('logs', 'DescribeLogGroups', 'logGroups', 'logGroupName'),
    // One that is to be deleted can still be kept, for a month.
    keys: states
      .map((state) => Object(Object(state).KeyMetadata).KeyState)
      .filter((state) => state !== 'PendingDeletion'),
  };
}
