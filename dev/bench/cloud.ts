import { type GatewayEvent, gatewayEvent } from '../tools/gateway-event.ts';
import { makeTableAndKey } from '../tools/table-and-key.ts';
import type { CallApi } from './api-phases.ts';
import { createTenant } from './tenant.ts';

const domain = 'api.example.com';
const operatorToken = 'operator-of-the-bench-deployment';

/** Who calls the function, and under which host name. */
export interface Caller {
  readonly host: string;
  readonly token: string;
}

/** The function's answer to an event of an HTTP API. */
interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

/** What Lambda calls. */
export type Handler = (event: GatewayEvent) => Promise<Answer>;

/** What functions and relays are told of their deployment. */
export type CloudEnvironment = Readonly<Record<string, string>> & { readonly KUMULUS_TABLE: string };

/** Makes a table and a key; gives what functions and relays are told of them, as a deployment does. */
export async function cloudEnvironment(endpoint: string): Promise<CloudEnvironment> {
  const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' };
  Object.assign(process.env, aws);
  const { table, kmsKey } = await makeTableAndKey(endpoint);
  return {
    ...aws,
    KUMULUS_TABLE: table,
    KUMULUS_KMS_KEY: kmsKey,
    KUMULUS_BASE_DOMAIN: domain,
    KUMULUS_OPERATOR_TOKEN: operatorToken,
    KUMULUS_LOG_LEVEL: 'error',
    AWS_ENDPOINT_URL: endpoint,
  };
}

/** Makes a tenant without quotas; gives its administrator. */
export async function newTenant(handler: Handler, id: string): Promise<Caller> {
  const operator = callsOf(handler, { host: domain, token: operatorToken });
  return { host: `${id}.${domain}`, token: await createTenant(operator, id) };
}

/** Calls the API by events. */
export function callsOf(handler: Handler, caller: Caller): CallApi {
  return async (method, path, body) => {
    const answer = await handler(eventOf(method, path, caller, body));
    if (Math.floor(answer.statusCode / 100) !== 2) {
      throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
    }
    return answer.body;
  };
}

/** The event of a caller's request. */
export function eventOf(method: string, path: string, { host, token }: Caller, body?: unknown) {
  const { pathname, search } = new URL(path, `https://${host}`);
  return gatewayEvent({
    host,
    method,
    path: pathname,
    query: search.slice(1),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
