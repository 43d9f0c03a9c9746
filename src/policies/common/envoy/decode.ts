import { jsonType } from '../../../model/json-value.ts';
import { decodeScalar, EnvoyProblem, goQuote, wrongType } from './decode-scalar.ts';
import { decodeWellKnown, isWellKnown } from './decode-well-known.ts';
import type { Element, Field, MessageType } from './message-types.ts';
import { messageType } from './message-types.ts';

/** A message that was read: the fields that are set, by their names in the `.proto` file. */
export interface Message {
  readonly type: MessageType;
  readonly fields: ReadonlyMap<string, Value>;
}

/** What a field holds. Durations are nanoseconds; what no rule looks into is its JSON. */
export type Value =
  | string
  | number
  | boolean
  | bigint
  | Uint8Array
  | Message
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | Opaque;

/** An Any, a Struct and their like. */
export interface Opaque {
  readonly opaque: true;
}

const opaque: Opaque = { opaque: true };

/**
 * Reads the JSON of a message (https://protobuf.dev/programming-guides/json). Members that are not known are left out,
 * for Envoy may be newer.
 *
 * @throws EnvoyProblem in the words of Go's `jsonpb`, which the reference reads it with.
 */
export function decodeMessage(type: MessageType, json: unknown): Message {
  if (json === null) {
    return { type, fields: new Map() };
  }
  const members = objectOf(json);
  const fields = new Map<string, Value>();
  for (const field of type.fields) {
    const value = members.get(field.jsonName) ?? members.get(field.name);
    const isNull = value === null && !(field.element.kind === 'wellKnown' && field.element.name === 'Value');
    if (value !== undefined && !isNull) {
      fields.set(field.name, decodeField(field, value));
    }
  }
  return { type, fields };
}

function decodeField({ shape, key, element }: Field, json: unknown): Value {
  switch (shape) {
    case 'list':
      if (!Array.isArray(json)) {
        throw wrongType(json, '[]json.RawMessage');
      }
      return json.map((item: unknown) => decodeElement(element, item));
    case 'map':
      return new Map(
        [...objectOf(json)].map(([name, value]) => {
          decodeElement(key, name);
          return [name, decodeElement(element, value)];
        }),
      );
    default:
      return decodeElement(element, json);
  }
}

function decodeElement(element: Element, json: unknown): Value {
  switch (element.kind) {
    case 'message':
      return decodeMessage(element.type, json);
    case 'enum':
      return decodeEnum(element.name, element.values, json);
    case 'scalar':
      return decodeScalar(element.name, json);
    default:
      if (element.name === 'Any') {
        decodeAny(json);
        return opaque;
      }
      return decodeWellKnown(element.name, json) ?? opaque;
  }
}

function decodeEnum(name: string, values: ReadonlyMap<string, number>, json: unknown): number {
  if (typeof json !== 'string') {
    return Number(decodeScalar('enum', json));
  }
  const value = values.get(json);
  if (value === undefined) {
    throw new EnvoyProblem(`unknown value ${goQuote(JSON.stringify(json))} for enum ${name}`);
  }
  return value;
}

/** Types of Envoy that are newer than the table are taken as they are. */
const mayBeNewer = /^(?:envoy|xds|udpa|opentelemetry|opencensus)\.[\w.]+$/;

/**
 * Reads the JSON of an Any, which names its type.
 *
 * @param newer what to think of Envoy's types that are not known: they may be newer.
 * @returns the message; undefined for what is not known, and for well-known types.
 * @throws EnvoyProblem
 */
export function decodeAny(json: unknown, newer: 'taken' | 'refused' = 'taken'): Message | undefined {
  if (json === null) {
    if (newer === 'refused') {
      throw new EnvoyProblem('proto: invalid empty type URL');
    }
    return undefined;
  }
  const { '@type': given, ...rest } = Object.fromEntries(objectOf(json));
  if (given === undefined) {
    throw new EnvoyProblem("Any JSON doesn't have '@type'");
  }
  const type = given ?? '';
  if (typeof type !== 'string') {
    throw new EnvoyProblem(`can't unmarshal Any's '@type': ${goQuote(JSON.stringify(type))}`);
  }
  const name = type.slice(type.lastIndexOf('/') + 1);
  const known = messageType(name);
  if (known === undefined && !isWellKnown(name) && !(newer === 'taken' && mayBeNewer.test(name))) {
    throw new EnvoyProblem(`could not resolve Any message type: ${type}`);
  }
  try {
    if (known !== undefined) {
      return decodeMessage(known, rest);
    }
    if (isWellKnown(name)) {
      decodeNested(name, rest);
    }
    return undefined;
  } catch (error) {
    throw error instanceof EnvoyProblem && !error.final
      ? new EnvoyProblem(`can't unmarshal Any nested proto ${type}: ${error.message}`)
      : error;
  }
}

/** A well-known type in an Any has its JSON under `value`. */
function decodeNested(name: string, { value }: Readonly<Record<string, unknown>>): void {
  if (value === undefined) {
    throw new EnvoyProblem("Any JSON doesn't have 'value'", true);
  }
  decodeElement({ kind: 'wellKnown', name: name.slice('google.protobuf.'.length) }, value);
}

function objectOf(json: unknown): ReadonlyMap<string, unknown> {
  if (jsonType(json) !== 'object') {
    throw wrongType(json, 'map[string]json.RawMessage');
  }
  return new Map(Object.entries(Object(json)));
}
