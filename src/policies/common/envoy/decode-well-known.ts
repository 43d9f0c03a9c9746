import { DurationError, parseDuration } from '../../../model/duration.ts';
import { jsonType } from '../../../model/json-value.ts';
import { decodeScalar, EnvoyProblem, wrongType } from './decode-scalar.ts';

/** Types that are a scalar which may be missing. */
const wrappers: Readonly<Record<string, string>> = {
  BoolValue: 'bool',
  BytesValue: 'bytes',
  DoubleValue: 'double',
  FloatValue: 'float',
  Int32Value: 'int32',
  Int64Value: 'int64',
  StringValue: 'string',
  UInt32Value: 'uint32',
  UInt64Value: 'uint64',
};
const others: ReadonlySet<string> = new Set([
  'Any',
  'Duration',
  'Empty',
  'ListValue',
  'Struct',
  'Timestamp',
  'Value',
]);

/** Whether the type, with its package, has a JSON of its own. */
export function isWellKnown(type: string): boolean {
  const name = type.startsWith('google.protobuf.') ? type.slice('google.protobuf.'.length) : '';
  return others.has(name) || Object.hasOwn(wrappers, name);
}

/**
 * Reads a well-known type other than an Any.
 *
 * @param name within `google.protobuf`.
 * @returns undefined for what is any JSON.
 * @throws EnvoyProblem
 */
export function decodeWellKnown(
  name: string,
  json: unknown,
): string | number | boolean | bigint | Uint8Array | undefined {
  const scalar = wrappers[name];
  if (scalar !== undefined) {
    return decodeScalar(scalar, json);
  }
  switch (name) {
    case 'Duration':
      return json === null ? 0n : decodeDuration(json);
    case 'Timestamp':
      return json === null ? 0n : decodeTimestamp(json);
    case 'Empty':
      requireType(json, 'object', '', 'map[string]json.RawMessage');
      return undefined;
    case 'Struct':
      requireType(json, 'object', 'bad StructValue', 'map[string]json.RawMessage');
      return undefined;
    case 'ListValue':
      requireType(json, 'array', 'bad ListValue', '[]json.RawMessage');
      return undefined;
    default:
      return undefined;
  }
}

function requireType(json: unknown, type: string, problem: string, goType: string): void {
  if (json !== null && jsonType(json) !== type) {
    const { message } = wrongType(json, goType);
    throw new EnvoyProblem(problem === '' ? message : `${problem}: ${message}`);
  }
}

function decodeDuration(json: unknown): bigint {
  const text = decodeScalar('string', json);
  try {
    return parseDuration(String(text));
  } catch (error) {
    throw error instanceof DurationError ? new EnvoyProblem(`bad Duration: ${error.message}`) : error;
  }
}

const timestamp = /^\d{4}-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function decodeTimestamp(json: unknown): bigint {
  const text = String(decodeScalar('string', json));
  const time = timestamp.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new EnvoyProblem(`bad Timestamp: parsing time ${JSON.stringify(text)}`);
  }
  return BigInt(time) * 1_000_000n;
}
