import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { tableDefinition } from '../../src/store/dynamodb/table.ts';
import { type Ministack, startMinistack } from '../ministack.ts';
import { type ApiPhaseOptions, type CallApi, runApiPhases } from './api-phases.ts';
import { coldStart } from './cold-start.ts';
import { startControlPlane } from './control-plane.ts';
import { bundleFunction, bundleParts } from './function-bundle.ts';
import { spent, usageOf } from './usage.ts';

type Print = (line: string) => void;

/** Measures the API of a local server, in a process of its own, on the embedded engine. */
export async function benchEmbedded(main: string, options: ApiPhaseOptions, print: Print): Promise<void> {
  print('embedded engine, local server over HTTP');
  const plane = await startControlPlane(main);
  try {
    const before = usageOf(plane.pid);
    await runApiPhases(plane.api, options, print);
    print(`server: ${spent(before, usageOf(plane.pid))}`);
  } finally {
    await plane.stop();
  }
}

/** Measures the bundled function in this process, on a local DynamoDB, and how it starts. */
export async function benchDynamoDb(options: ApiPhaseOptions, print: Print): Promise<void> {
  print(
    'DynamoDB engine (ministack, which is slower than DynamoDB), the bundled function called with events',
  );
  const ministack = await startMinistack();
  const bundle = await bundleFunction(process.cwd(), 'functions/api.ts');
  try {
    const environment = await cloud(ministack);
    Object.assign(process.env, environment);
    const { handler } = await import(bundle.file);
    const operator = { host: domain, token: operatorToken };
    const created = await handler(event('POST', '/tenants', operator, unlimited));
    const admin = { host: `${unlimited.id}.${domain}`, token: String(JSON.parse(created.body).adminToken) };
    const call: CallApi = async (method, path, body) => {
      const answer = await handler(event(method, path, admin, body));
      if (Math.floor(answer.statusCode / 100) !== 2) {
        throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
      }
      return answer.body;
    };
    await runApiPhases(call, options, print);
    const kib = (bytes: number) => (bytes / 1024).toFixed(0);
    print(`bundle: ${kib(bundle.startBytes)} KiB are read at the start, ${kib(bundle.bytes)} KiB in all`);
    for (const { name, bytes } of bundleParts(bundle).slice(0, 12)) {
      print(`  ${kib(bytes).padStart(5)} KiB  ${name}`);
    }
    for (const path of ['/', '/meshes/default/dataplanes']) {
      const starts = [];
      for (let run = 0; run < 5; run += 1) {
        starts.push(await coldStart(bundle.file, event('GET', path, admin), environment));
      }
      const [best] = starts.sort((a, b) => a.load + a.answer - b.load - b.answer);
      print(
        `cold start, GET ${path}: load ${best?.load.toFixed(0)} ms, answer ${best?.answer.toFixed(0)} ms (${best?.status})`,
      );
    }
  } finally {
    bundle.remove();
    await ministack.stop();
  }
}

const domain = 'api.example.com';
const operatorToken = 'operator-of-the-bench-deployment';

/** A tenant without quotas: what is measured is the work. */
const unlimited = {
  id: 'bench',
  quotas: { meshes: null, dataplanes: null, resources: null, requestsPerSecond: null, tokensPerSecond: null },
};

interface Caller {
  readonly host: string;
  readonly token: string;
}

/** A table, a key and what the function is told of them, as a deployment has it. */
async function cloud({ endpoint }: Ministack) {
  const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' };
  Object.assign(process.env, aws);
  const table = { TableName: 'kumulus', ...tableDefinition };
  await new DynamoDBClient({ endpoint }).send(new CreateTableCommand(table));
  const { KeyMetadata: key } = await new KMSClient({ endpoint }).send(new CreateKeyCommand({}));
  return {
    ...aws,
    KUMULUS_TABLE: 'kumulus',
    KUMULUS_KMS_KEY: key?.Arn ?? '',
    KUMULUS_BASE_DOMAIN: domain,
    KUMULUS_OPERATOR_TOKEN: operatorToken,
    KUMULUS_LOG_LEVEL: 'error',
    AWS_ENDPOINT_URL: endpoint,
  };
}

/** An event of an HTTP API (payload format 2.0). */
function event(method: string, path: string, { host, token }: Caller, body?: unknown) {
  const { pathname, search } = new URL(path, `https://${host}`);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: {
      accept: 'application/json',
      host,
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    requestContext: {
      domainName: host,
      http: { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'bench' },
      requestId: 'bench',
      routeKey: '$default',
      stage: '$default',
    },
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
  };
}
