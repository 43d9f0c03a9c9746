/**
 * Zod schemas that read JSON as Kuma's older types do, which are protobuf messages
 * (https://protobuf.dev/programming-guides/json): unknown fields are dropped, a field may be named in camel or snake
 * case, numbers may come as text, enums as number, and a field with its default value counts as absent.
 * What comes out is what the reference stores and returns.
 */
export { bytesValue, bytesValues, nonEmptyBytesValue } from './proto-json/bytes.ts';
export {
  map,
  message,
  messageMap,
  optional,
  presentMap,
  repeated,
  struct,
} from './proto-json/messages.ts';
export { doubleValue, floatValue, uint32, uint32s, uint32Value, uint64 } from './proto-json/numbers.ts';
export {
  bool,
  boolValue,
  duration,
  enumeration,
  enumerations,
  presentString,
  string,
  strings,
  timestamp,
} from './proto-json/scalars.ts';
