import { createHash } from 'node:crypto';
import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';

/** A resource as it goes over the wire. */
export interface EncodedMessage<TypeUrl extends string> {
  readonly name: string;
  readonly typeUrl: TypeUrl;
  /** A hash of the content: equal for equal content, whoever made it. */
  readonly version: string;
  /** A whole `envoy.service.discovery.v3.Resource`: fields `version` (1), `resource` (2) and `name` (3). */
  readonly delta: Uint8Array;
  /** The part of `delta` that is the `google.protobuf.Any`. */
  readonly any: Uint8Array;
}

const lengthDelimited = 2;
const tag = (field: number) => (field << 3) | lengthDelimited;
const utf8 = new TextEncoder();

/**
 * Encodes a resource for both protocols at once. Maps of the message must be ordered by key already, so that equal
 * resources have equal bytes.
 */
export function encodeResource<Desc extends DescMessage, TypeUrl extends string>(
  name: string,
  typeUrl: TypeUrl,
  schema: Desc,
  message: MessageShape<Desc>,
): EncodedMessage<TypeUrl> {
  const value = toBinary(schema, message);
  const version = createHash('sha256').update(value).digest('hex').slice(0, 16);
  const fields = { version: utf8.encode(version), typeUrl: utf8.encode(typeUrl), name: utf8.encode(name) };
  const anyLength = fieldLength(fields.typeUrl.length) + fieldLength(value.length);
  const writer = new FieldWriter(
    fieldLength(fields.version.length) + fieldLength(anyLength) + fieldLength(fields.name.length),
  );
  writer.bytes(1, fields.version);
  writer.head(2, anyLength);
  const start = writer.position;
  writer.bytes(1, fields.typeUrl);
  writer.bytes(2, value);
  const end = writer.position;
  writer.bytes(3, fields.name);
  return { name, typeUrl, version, delta: writer.buffer, any: writer.buffer.subarray(start, end) };
}

/** The length of a field with a one-byte tag and so many bytes of content. */
function fieldLength(content: number): number {
  return 1 + varintLength(content) + content;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value >>> 7; rest !== 0; rest >>>= 7) {
    length++;
  }
  return length;
}

/** Writes length-delimited fields (https://protobuf.dev/programming-guides/encoding) into a buffer of known size. */
class FieldWriter {
  readonly buffer: Uint8Array;
  position = 0;

  constructor(size: number) {
    this.buffer = new Uint8Array(size);
  }

  head(field: number, length: number): void {
    this.buffer[this.position++] = tag(field);
    let rest = length;
    while (rest > 0x7f) {
      this.buffer[this.position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.position++] = rest;
  }

  bytes(field: number, content: Uint8Array): void {
    this.head(field, content.length);
    this.buffer.set(content, this.position);
    this.position += content.length;
  }
}
