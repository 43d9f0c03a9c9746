import type { ServerDuplexStream } from '@grpc/grpc-js';

/** One call of gRPC as bytes in both directions: messages are decoded and put together by hand. */
export type BytesCall = ServerDuplexStream<Buffer, Buffer>;
