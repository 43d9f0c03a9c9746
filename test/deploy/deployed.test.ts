import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Children, createChildren } from '../../dev/quickstart/children.ts';
import { freePort } from '../../dev/tools/free-port.ts';
import { ask as askService, createMesh, type MeshHost } from '../e2e/mesh.ts';
import { admissionReview, readAnswer } from '../support/admission-review.ts';
import { place } from '../support/iam/cloud-roles.ts';
import { ask, taskEnvironment, taskImage } from './emulated.ts';
import { type EmulatedCloud, startEmulatedCloud } from './emulated-cloud.ts';
import { leftOver, nothing } from './left-over.ts';
import { program, succeed } from './program.ts';
import { writeStages } from './project-copy.ts';
import { standInForDocker } from './stand-in-for-docker.ts';

const operatorToken = 'operator-of-the-test-deployment';
const stage = 'dev';
const folder = mkdtempSync(join(tmpdir(), 'kumulus-deployed-'));
const soon = { timeout: 30_000, interval: 100 };

let cloud: EmulatedCloud;
let children: Children;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  cloud = await startEmulatedCloud(folder);
  children = createChildren(join(folder, 'logs'));
  // So that a proxy that is dead is found so by the next run of the jobs.
  writeStages(join(folder, 'stages.yml'), stage, {
    liveness: { dataplaneIdleTimeout: '5s' },
    functions: { controlPlaneUrl: 'https://{tenant}.mesh.example.com:5678' },
  });
  env = {
    ...cloud.operator,
    KUMULUS_STAGES: join(folder, 'stages.yml'),
    KUMULUS_OPERATOR_TOKEN_SHA256: createHash('sha256').update(operatorToken).digest('hex'),
  };
  await succeed('scripts/build-relay.mjs', [join(folder, 'relay')], env);
});

afterAll(async () => {
  await children?.stopAll();
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const deployment = (command: string, ...args: string[]) =>
  succeed(`dist/dev/${command}.js`, ['--stage', stage, ...args], env);

/** The address of the deployed API at the emulated gateway, by the address that AWS would give it. */
function gatewayAt(endpoint: string, output: string): string {
  const id = /^API: https:\/\/([0-9a-f]+)\.execute-api/m.exec(output)?.[1];
  return `${endpoint}/_aws/execute-api/${id}/$default`;
}

/** The authority that proxies are to be told, out of the secret that the deployment put it into. */
async function authority(endpoint: string): Promise<string> {
  const SecretId = `kumulus/${stage}/relay-certificate`;
  const { SecretString } = Object(await ask(endpoint, 'secretsmanager', 'GetSecretValue', { SecretId }));
  return z.object({ ca: z.string() }).parse(JSON.parse(SecretString)).ca;
}

const overviewSchema = z.object({
  dataplaneInsight: z.object({ subscriptions: z.array(z.object({ disconnectTime: z.string().optional() })) }),
});

describe('a deployment', () => {
  it('is put up, serves a mesh, finds what is dead, is brought up to date and taken down, and nothing is left', async () => {
    const { endpoint, iam } = cloud;
    const engine = standInForDocker(folder);
    const output = await succeed('dist/dev/deploy.js', ['--stage', stage, '--build'], {
      ...env,
      ...engine.env,
    });
    const image = await taskImage(endpoint, `kumulus-${stage}-relay`);
    expect(image).toMatch(new RegExp(`^[^/]+/kumulus-${stage}-relay:\\d{14}$`));
    expect(engine.calls()).toEqual([
      `aws ecr get-login-password --region ${place.region}`,
      `docker login --username AWS --password-stdin ${image.split('/')[0]} < password-of-the-registry`,
      `docker build --platform linux/arm64 --file infra/Dockerfile --tag ${image} .`,
      `docker push ${image}`,
    ]);
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

    // A pod of the tenant's cluster, which knows the webhook by its address alone.
    const webhook = `${gateway}/tenants/acme/api/inject-sidecar/meshes/default/tokens/${adminToken}`;
    const reviewed = await fetch(webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(admissionReview()),
    });
    expect(reviewed.status).toBe(200);
    const { env: told } = readAnswer(await reviewed.text()).pod.spec.containers[0];
    expect(told).toContainEqual({
      name: 'KUMA_CONTROL_PLANE_URL',
      value: 'https://acme.mesh.example.com:5678',
    });
    expect(told).toContainEqual({ name: 'KUMA_CONTROL_PLANE_CA_CERT', value: await authority(endpoint) });

    // A relay, as a process with the environment of the deployed task.
    const port = await freePort();
    const relay = children.start({
      ...{ name: 'relay', program: process.execPath, args: [join(folder, 'relay/relay.mjs')] },
      env: {
        ...env,
        ...(await taskEnvironment(endpoint, `kumulus-${stage}-relay`)),
        AWS_ENDPOINT_URL: iam.endpoint,
        AWS_ACCESS_KEY_ID: `kumulus-${stage}-relay`,
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
    writeFileSync(ca, await authority(endpoint));
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

    // Each part has what its role gives it and a tenant's items by the tenants' role, and nobody needed more.
    expect(iam.refused).toEqual([]);
    expect(new Set(iam.taken.map(({ tags }) => tags.tenant))).toEqual(new Set(['acme']));
    const table = String(Object(await ask(endpoint, 'dynamodb', 'ListTables')).TableNames);
    for (const part of ['api', 'admission', 'jobs', 'relay']) {
      const client = new DynamoDBClient({
        ...{ endpoint: iam.endpoint, region: place.region },
        credentials: { accessKeyId: `kumulus-${stage}-${part}`, secretAccessKey: 'test' },
      });
      const Key = { pk: { S: 'acme#meshes' }, sk: { S: 'default' } };
      await expect(client.send(new GetItemCommand({ TableName: table, Key }))).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    }

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
    expect(await leftOver(endpoint)).toEqual(nothing);
  });
});
