import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { startMinistack } from '../../dev/ministack.ts';
import { createApiHandler } from '../../functions/api-handler.ts';
import { tableDefinition } from '../../src/store/dynamodb/table.ts';
import type { FreshTarget } from '../rest/conformance.case.ts';
import type { ApiAnswer, ApiRequest } from './api-fixture.ts';

/** The API's function in this process, called with events of an HTTP API, on a DynamoDB and a KMS of its own. */
export interface LambdaApi {
  /** A tenant that has what a new tenant has and whose administrator is who asks, unless a step is from elsewhere. */
  freshTenant(): Promise<FreshTarget>;
  stop(): Promise<void>;
}

const domain = 'api.example.com';
const operatorToken = 'operator-of-the-test-deployment';
const operator = { authorization: `Bearer ${operatorToken}` };
/** Nothing is computed by and by here; only what runs out of date needs its time. */
const longestWaitMs = 2_500;

export async function startLambdaApi(): Promise<LambdaApi> {
  const ministack = await startMinistack();
  const { endpoint } = ministack;
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  await new DynamoDBClient({ endpoint }).send(
    new CreateTableCommand({ TableName: 'kumulus', ...tableDefinition }),
  );
  const { KeyMetadata: key } = await new KMSClient({ endpoint }).send(new CreateKeyCommand({}));
  const handler = createApiHandler({
    KUMULUS_TABLE: 'kumulus',
    KUMULUS_KMS_KEY: key?.Arn ?? '',
    KUMULUS_BASE_DOMAIN: domain,
    KUMULUS_OPERATOR_TOKEN: operatorToken,
    KUMULUS_LOG_LEVEL: 'error',
    AWS_ENDPOINT_URL: endpoint,
  });
  const ask = async (host: string, method: string, path: string, sent: ApiRequest): Promise<ApiAnswer> => {
    const { statusCode, headers, body } = (await handler(event(host, method, path, sent))) as {
      readonly statusCode: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };
    return { status: statusCode, headers: new Headers(headers), text: body, body: jsonOrUndefined(body) };
  };

  let made = 0;
  return {
    stop: ministack.stop,
    async freshTenant() {
      const id = `tenant-${++made}`;
      const created = await ask(domain, 'POST', '/tenants', {
        body: { id, settings: { access: 'kuma' } },
        headers: operator,
      });
      const host = `${id}.${domain}`;
      let token = String(Object(created.body).adminToken);
      const asAdmin = (method: string, path: string, sent: ApiRequest) =>
        ask(host, method, path, { ...sent, headers: { ...sent.headers, authorization: `Bearer ${token}` } });
      return {
        stop: async () => {},
        advance: (milliseconds) => sleep(Math.min(milliseconds, longestWaitMs)),
        async request(method, path, sent) {
          if (sent.peer !== undefined) {
            return asRecorded(host, await ask(host, method, path, sent));
          }
          // Nobody is on the machine itself here: the administrator shows a token.
          let answer = await asAdmin(method, path, sent);
          if (answer.status === 401) {
            const renewed = await ask(domain, 'POST', `/tenants/${id}/admin-token`, { headers: operator });
            token = String(Object(renewed.body).token);
            answer = await asAdmin(method, path, sent);
          }
          return asRecorded(host, answer);
        },
      };
    },
  };
}

/** Links lead to where the caller came from; the recordings came from a port without TLS. */
function asRecorded(host: string, answer: ApiAnswer): ApiAnswer {
  const text = answer.text.replaceAll(`https://${host}/`, 'http://localhost:5681/');
  return { ...answer, text, body: jsonOrUndefined(text) };
}

/** An event as an HTTP API sends it (payload format 2.0). */
function event(host: string, method: string, path: string, sent: ApiRequest) {
  const [rawPath = '', rawQueryString = ''] = path.split('?', 2);
  const text = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const all = {
    accept: 'application/json',
    ...(text !== undefined && { 'content-type': 'application/json' }),
    ...sent.headers,
    host,
    'x-forwarded-for': '203.0.113.9',
  };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: Object.fromEntries(
      Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined),
    ),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdefghij',
      authentication: null,
      authorizer: {},
      domainName: host,
      domainPrefix: host.split('.')[0] ?? '',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'curl/8.5.0' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1767225600000,
    },
    body: text ?? null,
    isBase64Encoded: false,
  };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
