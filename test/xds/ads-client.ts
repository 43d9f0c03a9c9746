import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
  type DeltaDiscoveryRequestSchema as DeltaRequestSchema,
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from '../../src/envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import { relayService } from '../../src/xds/server/grpc-service.ts';
import type { TestRelay } from './relay-fixture.ts';

type DeltaInit = MessageInitShape<typeof DeltaRequestSchema>;
type SotwInit = MessageInitShape<typeof DiscoveryRequestSchema>;

/** A stream as a client sees it: requests out, responses in as they are asked for. */
export interface AdsClient<Init, Response> {
  send(request: Init): void;
  /** Bytes that need be no request at all. */
  sendRaw(bytes: Buffer): void;
  /** The next response, once it is there; rejects with the status where the stream ends first. */
  next(): Promise<Response>;
  /** Responses that have arrived and were not asked for. */
  readonly pending: readonly Response[];
  /** How the stream ended. */
  readonly status: Promise<StatusObject>;
  readonly call: ClientDuplexStream<Buffer, Buffer>;
  close(): void;
}

/** A gRPC client of the relay; closed when the test ends. */
export function connectClient(relay: Pick<TestRelay, 'port' | 'ca'>): Client {
  const client = new Client(`127.0.0.1:${relay.port}`, credentials.createSsl(Buffer.from(relay.ca)), {
    'grpc.ssl_target_name_override': 'localhost',
    'grpc.default_authority': 'localhost',
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
  });
  onTestFinished(() => client.close());
  return client;
}

/** Opens a stream of any method; cancelled when the test ends. */
export function openStream<Init, Response>(
  client: Client,
  path: string,
  token: string | undefined,
  encode: (init: Init) => Uint8Array,
  decode: (bytes: Uint8Array) => Response,
): AdsClient<Init, Response> {
  const metadata = new Metadata();
  if (token !== undefined) {
    metadata.set('authorization', token);
  }
  const same = (bytes: Buffer) => bytes;
  const call = client.makeBidiStreamRequest(path, same, same, metadata);
  const pending: Response[] = [];
  const waiting: { resolve: (response: Response) => void; reject: (error: unknown) => void }[] = [];
  let over: Error | undefined;
  call.on('data', (bytes: Buffer) => {
    const response = decode(bytes);
    const first = waiting.shift();
    if (first === undefined) {
      pending.push(response);
    } else {
      first.resolve(response);
    }
  });
  call.on('error', (_error: ServiceError) => {});
  onTestFinished(() => call.cancel());
  const status = new Promise<StatusObject>((resolve) => {
    call.on('status', (ended: StatusObject) => {
      over = new Error(`the stream has ended: ${ended.code} ${ended.details}`);
      for (const { reject } of waiting.splice(0)) {
        reject(over);
      }
      resolve(ended);
    });
  });
  return {
    call,
    pending,
    status,
    send: (init) => call.write(Buffer.from(encode(init))),
    sendRaw: (bytes) => call.write(bytes),
    next() {
      const response = pending.shift();
      if (response !== undefined) {
        return Promise.resolve(response);
      }
      return over === undefined
        ? new Promise((resolve, reject) => waiting.push({ resolve, reject }))
        : Promise.reject(over);
    },
    close: () => call.cancel(),
  };
}

export type DeltaClient = AdsClient<DeltaInit, DeltaDiscoveryResponse>;
export type SotwClient = AdsClient<SotwInit, DiscoveryResponse>;

/** Opens a stream of the incremental protocol. */
export function openDelta(client: Client, token?: string): DeltaClient {
  return openStream<DeltaInit, DeltaDiscoveryResponse>(
    client,
    relayService.DeltaAggregatedResources.path,
    token,
    (init) => toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init)),
    (bytes) => fromBinary(DeltaDiscoveryResponseSchema, bytes),
  );
}

/** Opens a stream of the state-of-the-world protocol. */
export function openSotw(client: Client, token?: string): SotwClient {
  return openStream<SotwInit, DiscoveryResponse>(
    client,
    relayService.StreamAggregatedResources.path,
    token,
    (init) => toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, init)),
    (bytes) => fromBinary(DiscoveryResponseSchema, bytes),
  );
}

/** A node as Kuma's bootstrap writes it. */
export function node(name: string, metadata: Readonly<Record<string, string>> = {}) {
  return { id: `default.${name}`, metadata: { 'dataplane.proxyType': 'dataplane', ...metadata } };
}
