// The API's function behind a server that hands it requests as an HTTP API of API Gateway does, on a DynamoDB and a KMS of
// its own. Says in a line of JSON when it is ready.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { type ApiHandler, createApiHandler } from '../../functions/api-handler.ts';
import { startMinistack } from '../ministack.ts';
import { portOf } from '../tools/free-port.ts';
import { makeTableAndKey } from '../tools/table-and-key.ts';

const region = 'eu-central-1';
const domain = 'api.example.com';

const answerSchema = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  isBase64Encoded: z.boolean(),
});

/** Bodies of these types reach a function as they are; those of others in base64. */
const textual = /^(text\/|application\/(json|javascript|xml)\b)/;

async function eventOf(request: IncomingMessage) {
  const [rawPath = '', rawQueryString = ''] = (request.url ?? '/').split(/\?(.*)/s, 2);
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const isBase64Encoded = !textual.test(request.headers['content-type'] ?? 'text/plain');
  const host = request.headers.host ?? domain;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdefghij',
      domainName: host,
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1767225600000,
    },
    body: body.length === 0 ? null : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

async function answer(handler: ApiHandler, request: IncomingMessage, response: ServerResponse) {
  const event = await eventOf(request);
  const given = answerSchema.parse(await handler(event as Parameters<ApiHandler>[0]));
  response.writeHead(given.statusCode, given.headers);
  response.end(Buffer.from(given.body, given.isBase64Encoded ? 'base64' : 'utf8'));
}

const ministack = await startMinistack();
const { endpoint } = ministack;
Object.assign(process.env, {
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
});
const { table, kmsKey } = await makeTableAndKey(endpoint);
const handler = createApiHandler({
  ...process.env,
  KUMULUS_TABLE: table,
  KUMULUS_KMS_KEY: kmsKey,
  KUMULUS_BASE_DOMAIN: domain,
  AWS_ENDPOINT_URL: endpoint,
});
const server = createServer((request, response) => {
  answer(handler, request, response).catch((error: unknown) => {
    console.error(error);
    response.writeHead(502);
    response.end();
  });
});
server.listen(0, '0.0.0.0', () => {
  console.log(JSON.stringify({ event: 'ready', api: `http://127.0.0.1:${portOf(server)}` }));
});
process.once('SIGTERM', async () => {
  await ministack.stop();
  process.exit(0);
});
