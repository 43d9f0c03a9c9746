import { setTimeout as sleep } from 'node:timers/promises';
import { startMinistack } from '../../dev/ministack.ts';
import { gatewayEvent } from '../../dev/tools/gateway-event.ts';
import { makeTableAndKey } from '../../dev/tools/table-and-key.ts';
import { createApiHandler } from '../../functions/api-handler.ts';
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

/**
 * Starts one.
 *
 * @param front gives, for the endpoint of AWS, the one that the function is told of instead.
 */
export async function startLambdaApi(
  front: (endpoint: string) => Promise<string> = async (endpoint) => endpoint,
): Promise<LambdaApi> {
  const ministack = await startMinistack();
  const { endpoint } = ministack;
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const { table, kmsKey } = await makeTableAndKey(endpoint);
  const handler = createApiHandler({
    KUMULUS_TABLE: table,
    KUMULUS_KMS_KEY: kmsKey,
    KUMULUS_BASE_DOMAIN: domain,
    KUMULUS_OPERATOR_TOKEN: operatorToken,
    KUMULUS_LOG_LEVEL: 'error',
    AWS_ENDPOINT_URL: await front(endpoint),
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

function event(host: string, method: string, target: string, sent: ApiRequest) {
  const [path = '', query = ''] = target.split('?', 2);
  const body = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const all = {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...sent.headers,
  };
  const headers = Object.fromEntries(
    Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined),
  );
  return gatewayEvent({ host, method, path, query, headers, ...(body !== undefined && { body }) });
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
