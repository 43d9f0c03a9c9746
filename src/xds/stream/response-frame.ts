import type { Draft } from './type-state.ts';

/** Protobuf tags (field number and wire type 2) of `DeltaDiscoveryResponse`. */
const delta = { version: 0x0a, resource: 0x12, typeUrl: 0x22, nonce: 0x2a, removed: 0x32 } as const;
/** The same of `DiscoveryResponse`. */
const sotw = { version: 0x0a, resource: 0x12, typeUrl: 0x22, nonce: 0x2a } as const;

/** One field of length-delimited bytes or text. */
interface Field {
  readonly tag: number;
  readonly length: number;
  readonly value: string | Uint8Array;
}

function textField(tag: number, value: string): Field {
  return { tag, length: Buffer.byteLength(value), value };
}

function bytesField(tag: number, value: Uint8Array): Field {
  return { tag, length: value.length, value };
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    length += 1;
  }
  return length;
}

function writeVarint(target: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    target[at] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
    at += 1;
  }
  target[at] = rest;
  return at + 1;
}

/** Puts fields one after the other: each byte of a resource is copied once. */
function assemble(fields: readonly Field[]): Buffer {
  let size = 0;
  for (const field of fields) {
    size += 1 + varintLength(field.length) + field.length;
  }
  const message = Buffer.allocUnsafe(size);
  let at = 0;
  for (const field of fields) {
    message[at] = field.tag;
    at = writeVarint(message, at + 1, field.length);
    if (typeof field.value === 'string') {
      message.write(field.value, at);
    } else {
      message.set(field.value, at);
    }
    at += field.length;
  }
  return message;
}

/** A `DeltaDiscoveryResponse`, put together from resources that are encoded already. */
export function deltaFrame(typeUrl: string, draft: Draft): Buffer {
  return assemble([
    textField(delta.version, draft.version),
    ...draft.resources.map((resource) => bytesField(delta.resource, resource.delta)),
    textField(delta.typeUrl, typeUrl),
    textField(delta.nonce, draft.nonce),
    ...draft.removed.map((name) => textField(delta.removed, name)),
  ]);
}

/** A `DiscoveryResponse`, put together from resources that are encoded already. */
export function sotwFrame(typeUrl: string, draft: Draft): Buffer {
  return assemble([
    textField(sotw.version, draft.version),
    ...draft.resources.map((resource) => bytesField(sotw.resource, resource.any)),
    textField(sotw.typeUrl, typeUrl),
    textField(sotw.nonce, draft.nonce),
  ]);
}

/** A length-delimited field, for the few messages that are written by hand. */
export function encodeFields(
  fields: readonly (readonly [tag: number, value: string | Uint8Array])[],
): Buffer {
  return assemble(
    fields.map(([tag, value]) =>
      typeof value === 'string' ? textField(tag, value) : bytesField(tag, value),
    ),
  );
}
