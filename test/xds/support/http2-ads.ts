import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { onTestFinished } from 'vitest';
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../../../src/envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import { relayService } from '../../../src/xds/server/grpc-service.ts';
import type { TestRelay } from '../relay-fixture.ts';

export type DeltaInit = MessageInitShape<typeof DeltaDiscoveryRequestSchema>;

/** How a stream ended; a code of gRPC where the relay told one. */
export interface StreamEnd {
  readonly grpcStatus: number | undefined;
  readonly message: string;
}

/** A stream of the incremental protocol over an HTTP/2 that the test has in its hands, flow control too. */
export interface Http2Ads {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
  send(request: DeltaInit): void;
  /** Bytes that need be no message of gRPC at all. */
  sendRaw(bytes: Buffer): void;
  onResponse(listener: (response: DeltaDiscoveryResponse) => void): void;
  /** Reads nothing any more, or something again. Pings are answered all the same. */
  pause(): void;
  resume(): void;
  readonly ended: Promise<StreamEnd>;
  close(): void;
}

/** One message of gRPC, not compressed. */
export function grpcMessage(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export function deltaRequest(init: DeltaInit): Uint8Array {
  return toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init));
}

/** Gives the messages in what arrives piece by piece. */
function messageReader(onMessage: (bytes: Buffer) => void) {
  let rest: Buffer = Buffer.alloc(0);
  return (piece: Buffer) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      onMessage(rest.subarray(5, end));
      rest = rest.subarray(end);
    }
  };
}

/** A connection of HTTP/2 to a relay; whoever opens it destroys it. */
export function connectHttp2(
  relay: Pick<TestRelay, 'port' | 'ca'>,
  initialWindowSize = 65_535,
): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${relay.port}`, {
    servername: 'localhost',
    ca: relay.ca,
    settings: { initialWindowSize },
  });
  session.on('error', () => {});
  return session;
}

/** The same, destroyed when the test ends. */
export function http2Session(...where: Parameters<typeof connectHttp2>): ClientHttp2Session {
  const session = connectHttp2(...where);
  onTestFinished(() => session.destroy());
  return session;
}

/** Opens a stream on a connection. */
export function openAds(
  session: ClientHttp2Session,
  token?: string,
  path: string = relayService.DeltaAggregatedResources.path,
  more: Readonly<Record<string, string>> = {},
): Http2Ads {
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: path,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
    [constants.HTTP2_HEADER_TE]: 'trailers',
    ...(token !== undefined && { authorization: token }),
    ...more,
  });
  let listener: ((response: DeltaDiscoveryResponse) => void) | undefined;
  let headers: Readonly<Record<string, unknown>> = {};
  // Where nobody listens it may be another service's stream, whose messages are others.
  const read = messageReader((bytes) => listener?.(fromBinary(DeltaDiscoveryResponseSchema, bytes)));
  stream.on('error', () => {});
  stream.on('data', read);
  stream.on('response', (found) => {
    headers = { ...found };
  });
  stream.on('trailers', (found) => {
    headers = { ...headers, ...found };
  });
  // Whoever was told how it ended has nothing more to say.
  stream.on('end', () => stream.end());
  const ended = new Promise<StreamEnd>((resolve) => {
    stream.on('close', () => {
      const code = headers['grpc-status'];
      resolve({
        grpcStatus: code === undefined ? undefined : Number(code),
        message: decodeURIComponent(String(headers['grpc-message'] ?? '')),
      });
    });
  });
  return {
    session,
    stream,
    send: (init) => stream.write(grpcMessage(deltaRequest(init))),
    sendRaw: (bytes) => stream.write(bytes),
    onResponse(next) {
      listener = next;
    },
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    ended,
    close: () => stream.close(constants.NGHTTP2_CANCEL),
  };
}
