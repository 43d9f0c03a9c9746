import { jsonType } from '../../../model/json-value.ts';

/** What is wrong with an Envoy resource. */
export class EnvoyProblem extends Error {
  /** @param final whether the messages around it have nothing to add. */
  constructor(
    message: string,
    readonly final = false,
  ) {
    super(message);
  }
}

/** A JSON value that a Go type does not hold. */
export function wrongType(json: unknown, type: string): EnvoyProblem {
  const found = jsonType(json);
  return new EnvoyProblem(
    `json: cannot unmarshal ${found === 'boolean' ? 'bool' : found} into Go value of type ${type}`,
  );
}

interface IntegerType {
  readonly lowest: number;
  readonly highest: number;
  readonly goName: string;
}

const integers: Readonly<Record<string, IntegerType>> = {
  int32: { lowest: -(2 ** 31), highest: 2 ** 31 - 1, goName: 'int32' },
  enum: { lowest: -(2 ** 31), highest: 2 ** 31 - 1, goName: 'protoreflect.EnumNumber' },
  int64: { lowest: -(2 ** 63), highest: 2 ** 63, goName: 'int64' },
  uint32: { lowest: 0, highest: 2 ** 32 - 1, goName: 'uint32' },
  uint8: { lowest: 0, highest: 255, goName: 'uint8' },
  uint64: { lowest: 0, highest: 2 ** 64, goName: 'uint64' },
};
const sameIntegers: Readonly<Record<string, string>> = {
  sint32: 'int32',
  sfixed32: 'int32',
  sint64: 'int64',
  sfixed64: 'int64',
  fixed32: 'uint32',
  fixed64: 'uint64',
};
const largestFloat = 3.4028234663852886e38;

/**
 * Reads a scalar of the given protobuf type.
 *
 * @throws EnvoyProblem in the words of Go's decoder.
 */
export function decodeScalar(name: string, json: unknown): string | number | boolean | Uint8Array {
  switch (name) {
    case 'string':
      return typeof json === 'string' ? json : zeroOrRefuse(json, '', 'string');
    case 'bool':
      return typeof json === 'boolean' ? json : zeroOrRefuse(json, false, 'bool');
    case 'bytes':
      return Array.isArray(json) ? decodeOctets(json) : decodeBytes(json);
    case 'float':
    case 'double':
      return decodeFloat(name, json);
    default:
      return decodeInteger(integers[sameIntegers[name] ?? name], json);
  }
}

/** Go leaves a value as it is where the JSON is null. */
function zeroOrRefuse<T>(json: unknown, zero: T, type: string): T {
  if (json === null) {
    return zero;
  }
  throw wrongType(json, type);
}

function decodeInteger(type: IntegerType | undefined, json: unknown): number {
  if (type === undefined) {
    throw new EnvoyProblem('a type of number that is not known');
  }
  const number = unquoted(json);
  if (typeof number !== 'number') {
    return zeroOrRefuse(number, 0, type.goName);
  }
  if (
    !Number.isInteger(number) ||
    number < type.lowest ||
    number > type.highest ||
    goNumber(number).includes('e')
  ) {
    throw new EnvoyProblem(
      `json: cannot unmarshal number ${goNumber(number)} into Go value of type ${type.goName}`,
    );
  }
  return number;
}

function decodeFloat(name: 'float' | 'double', json: unknown): number {
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') {
    return Number(json);
  }
  const type = name === 'float' ? 'float32' : 'float64';
  const number = unquoted(json);
  if (typeof number !== 'number') {
    return zeroOrRefuse(number, 0, type);
  }
  if (name === 'float' && Math.abs(number) > largestFloat) {
    throw new EnvoyProblem(`json: cannot unmarshal number ${goNumber(number)} into Go value of type ${type}`);
  }
  return number;
}

/** Numbers may stand in quotes, and so may other JSON. */
function unquoted(json: unknown): unknown {
  if (typeof json !== 'string') {
    return json;
  }
  const raw = JSON.stringify(json).slice(1, -1);
  try {
    return JSON.parse(raw);
  } catch {
    throw new EnvoyProblem(syntaxProblem(raw, 'unexpected end of JSON input'));
  }
}

const literals: Readonly<Record<string, string>> = { n: 'null', t: 'true', f: 'false' };
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/;

/**
 * What Go's JSON scanner stumbles on in a text that is no JSON, as far as its start tells.
 *
 * @param end what it says of a text that is cut off.
 */
export function syntaxProblem(json: string, end: string): string {
  const text = json.trimStart();
  const literal = literals[text.slice(0, 1)];
  if (text === '') {
    return end;
  }
  if (literal !== undefined && !text.startsWith(literal)) {
    const position = [...literal].findIndex((letter, index) => text[index] !== letter);
    const where = `in literal ${literal} (expecting '${literal[position]}')`;
    return position < text.length ? strayCharacter(text.slice(position), where) : end;
  }
  const value = literal ?? number.exec(text)?.[0];
  if (value !== undefined) {
    return strayCharacter(text.slice(value.length).trimStart(), 'after top-level value');
  }
  const inside = text.slice(1).trimStart();
  if (text.startsWith('{') && /^[^"}]/.test(inside)) {
    return strayCharacter(inside, 'looking for beginning of object key string');
  }
  return /^[{["]/.test(text) ? end : strayCharacter(text, 'looking for beginning of value');
}

/** Go names the first octet of a character as if it were one itself. */
function strayCharacter(rest: string, where: string): string {
  const character = String.fromCharCode(Buffer.from(rest)[0] ?? 0);
  const quoted = character === "'" || character === '\\' ? `\\${character}` : character;
  return `invalid character '${quoted}' ${where}`;
}

function decodeOctets(json: readonly unknown[]): Uint8Array {
  return Uint8Array.from(json, (octet) => decodeInteger(integers.uint8, octet));
}

function decodeBytes(text: unknown): Uint8Array {
  if (typeof text !== 'string') {
    return zeroOrRefuse(text, new Uint8Array(), '[]uint8');
  }
  const [valid = ''] = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/.exec(text) ?? [];
  if (valid.length !== text.length) {
    // Go tells where the last group of four starts, or which character is none.
    const [good = ''] = /^[A-Za-z0-9+/]*/.exec(text.slice(valid.length)) ?? [];
    const isCutOff = valid.length + good.length === text.length;
    throw new EnvoyProblem(
      `illegal base64 data at input byte ${valid.length + (isCutOff ? 0 : good.length)}`,
    );
  }
  return Buffer.from(text, 'base64');
}

/** A number as Go writes it in JSON. */
export function goNumber(number: number): string {
  return String(number).replace(/e-(\d)$/, 'e-0$1');
}

/** A text in quotes as Go's `%q` writes it. */
export function goQuote(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '"': '\\"',
    '\\': '\\\\',
    '\u0007': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
  };
  const quoted = text.replace(/["\\]|[^ -~\u00a1-\u{10ffff}]/gu, (character) => {
    const code = character.charCodeAt(0);
    const hexadecimal =
      code < 0x80 ? `x${code.toString(16).padStart(2, '0')}` : `u${code.toString(16).padStart(4, '0')}`;
    return escapes[character] ?? `\\${hexadecimal}`;
  });
  return `"${quoted}"`;
}
