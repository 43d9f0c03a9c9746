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
  | { readonly kind: 'lose-request' }
  /** It never arrives, and nothing is answered. */
  | { readonly kind: 'silence' }
  /** It is done, and half of the answer comes: then the connection ends, or nothing more comes. */
  | { readonly kind: 'half-answer'; readonly rest: 'ends' | 'is awaited' }
  /** It waits for this before it arrives. */
  | { readonly kind: 'late'; readonly until: Promise<void> };

/** What DynamoDB answers where it refuses a request. */
export function refusal(status: number, name: string, rest: object = {}): Fault {
  return {
    kind: 'answer',
    status,
    body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name, ...rest },
  };
}

/** What DynamoDB answers where it cancels a transaction: a reason for each operation. */
export function cancellation(...codes: readonly string[]): Fault {
  return refusal(400, 'TransactionCanceledException', {
    Message: 'Transaction cancelled',
    CancellationReasons: codes.map((Code) => ({ Code, Message: Code })),
  });
}

/** A proxy in front of a DynamoDB that lets some calls go wrong. */
export interface FaultyDynamoDb {
  readonly endpoint: string;
  /** All calls so far. */
  readonly calls: readonly Call[];
  /** Calls that came and were not yet done with. */
  readonly pending: number;
  /** What becomes of further calls; everything passes before it is set. */
  onCall(decide: (call: Call) => Fault): void;
  close(): Promise<void>;
}

/** Starts the proxy on a free port. */
export async function startFaultyDynamoDb(target: string): Promise<FaultyDynamoDb> {
  const calls: Call[] = [];
  let pending = 0;
  let decide: (call: Call) => Fault = () => ({ kind: 'pass' });
  const server = createServer((incoming, outgoing) => {
    // Who does not wait for an answer has gone, and so have the last calls of a test that is over.
    pending += 1;
    handle(incoming, outgoing)
      .catch(() => incoming.socket.destroy())
      .finally(() => (pending -= 1));
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
    switch (fault.kind) {
      case 'silence':
        return;
      case 'lose-request':
        incoming.socket.destroy();
        return;
      case 'answer':
        outgoing.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.0' });
        outgoing.end(JSON.stringify(fault.body));
        return;
      case 'late':
        await fault.until;
    }
    const answer = await forward(target, incoming, bytes);
    if (fault.kind === 'lose-answer') {
      incoming.socket.destroy();
      return;
    }
    outgoing.writeHead(answer.status, answer.headers);
    if (fault.kind === 'half-answer') {
      const end = () => (fault.rest === 'ends' ? incoming.socket.destroy() : undefined);
      outgoing.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), end);
    } else {
      outgoing.end(answer.body);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    calls,
    get pending() {
      return pending;
    },
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
