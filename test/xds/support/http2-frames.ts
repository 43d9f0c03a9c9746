import type { TLSSocket } from 'node:tls';
import { relayService } from '../../../src/xds/server/grpc-service.ts';

/** Types of frames (RFC 9113, section 6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const ack = 0x1;
export const endHeaders = 0x4;

/** One frame, of whatever type and content. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** What a client says first, with these settings (identifier and value). */
export function preface(settings: readonly (readonly [number, number])[] = []): Buffer {
  const payload = Buffer.concat(
    settings.map(([identifier, value]) => {
      const setting = Buffer.alloc(6);
      setting.writeUInt16BE(identifier, 0);
      setting.writeUInt32BE(value, 2);
      return setting;
    }),
  );
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(frameTypes.settings, 0, 0, payload),
  ]);
}

/** An integer of HPACK behind a prefix of 7 bits (RFC 7541, section 5.1). */
function integer(value: number): Buffer {
  if (value < 127) {
    return Buffer.from([value]);
  }
  const bytes = [127];
  let rest = value - 127;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** A header as a literal that no table remembers (RFC 7541, section 6.2.2), or that the dynamic table does (6.2.1). */
export function header(name: string, value: string, kind: 'plain' | 'indexed' = 'plain'): Buffer {
  return Buffer.concat([
    Buffer.from([kind === 'plain' ? 0 : 0x40]),
    integer(Buffer.byteLength(name)),
    Buffer.from(name),
    integer(Buffer.byteLength(value)),
    Buffer.from(value),
  ]);
}

/** The header that the dynamic table was given last, in one byte. */
export const indexedHeader = (): Buffer => Buffer.from([0x80 | 62]);

/** The headers of a call of the incremental protocol. */
export function callHeaders(...more: readonly Buffer[]): Buffer {
  return Buffer.concat([
    header(':method', 'POST'),
    header(':scheme', 'https'),
    header(':path', relayService.DeltaAggregatedResources.path),
    header(':authority', 'localhost'),
    header('content-type', 'application/grpc'),
    header('te', 'trailers'),
    ...more,
  ]);
}

/** Writes as much as the relay takes, until it closes the connection. Gives back the bytes that it took. */
export async function flood(
  socket: TLSSocket,
  next: (round: number) => Buffer,
  rounds = 1_000_000,
): Promise<number> {
  let written = 0;
  for (let round = 0; round < rounds && !socket.destroyed && socket.writable; round += 1) {
    const bytes = next(round);
    written += bytes.length;
    const more = socket.write(bytes);
    if (!more) {
      await new Promise<void>((resolve) => {
        const go = () => {
          socket.off('drain', go);
          socket.off('close', go);
          resolve();
        };
        socket.on('drain', go);
        socket.on('close', go);
      });
    } else if (round % 64 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return written;
}

/** Reads what is answered, and answers pings, as a peer that is alive does. */
export function stayAlive(socket: TLSSocket): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      if (rest[3] === frameTypes.ping && rest[4] === 0 && socket.writable) {
        socket.write(frame(frameTypes.ping, ack, 0, rest.subarray(9, end)));
      }
      rest = rest.subarray(end);
    }
  });
}
