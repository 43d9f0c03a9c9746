import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** One request on its way to DynamoDB: the operation's name, such as `TransactWriteItems`, and its JSON. */
export interface Call {
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What becomes of a call. */
export type Fault =
  /** It goes through. */
  | { readonly kind: 'pass' }
  /** It never arrives: this is the answer. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: object }
  /** It arrives and is done, and the answer is lost with the connection. */
  | { readonly kind: 'lose-answer' }
  /** The connection ends before it arrives. */
  | { readonly kind: 'lose-request' };

/** A proxy in front of a DynamoDB that lets some calls go wrong. */
export interface FaultyDynamoDb {
  readonly endpoint: string;
  /** All calls so far. */
  readonly calls: readonly Call[];
  /** What becomes of further calls; everything passes before it is set. */
  onCall(decide: (call: Call) => Fault): void;
  close(): Promise<void>;
}

/** Starts the proxy on a free port. */
export async function startFaultyDynamoDb(target: string): Promise<FaultyDynamoDb> {
  const calls: Call[] = [];
  let decide: (call: Call) => Fault = () => ({ kind: 'pass' });
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing);
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
      chunks.push(Buffer.from(chunk));
    }
    const bytes = Buffer.concat(chunks);
    const operation =
      String(incoming.headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1) ?? '';
    const call = { operation, body: JSON.parse(bytes.toString()) as Call['body'] };
    calls.push(call);
    const fault = decide(call);
    if (fault.kind === 'lose-request') {
      incoming.socket.destroy();
    } else if (fault.kind === 'answer') {
      const headers = { 'content-type': 'application/x-amz-json-1.0' };
      outgoing.writeHead(fault.status, headers).end(JSON.stringify(fault.body));
    } else {
      const answer = await forward(target, incoming, bytes);
      if (fault.kind === 'lose-answer') {
        incoming.socket.destroy();
      } else {
        outgoing.writeHead(answer.status, answer.headers).end(answer.body);
      }
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    calls,
    onCall(next) {
      decide = next;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function forward(
  target: string,
  incoming: IncomingMessage,
  bytes: Buffer,
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request(target, { method: incoming.method, headers: incoming.headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}
