import * as z from 'zod';
import { field } from './field.ts';

const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `google.protobuf.BytesValue` as padded base64 (RFC 4648, section 4; line breaks are ignored); empty bytes are kept. */
export function bytesValue() {
  return field(base64Schema().exactOptional(), canonicalBase64);
}

/** The same, where empty bytes count as absent. */
export function nonEmptyBytesValue() {
  return field(base64Schema().exactOptional(), (value) =>
    value === '' ? undefined : canonicalBase64(value),
  );
}

/** A list of `google.protobuf.BytesValue`; the empty one counts as absent. */
export function bytesValues() {
  return field(z.array(base64Schema()).exactOptional(), (value) => {
    if (!Array.isArray(value)) {
      return value;
    }
    return value.length === 0 ? undefined : value.map((item: unknown) => canonicalBase64(item ?? ''));
  });
}

function base64Schema() {
  return z.base64('illegal base64 data');
}

function canonicalBase64(value: unknown): unknown {
  const text = typeof value === 'string' ? value.replace(/[\r\n]/g, '') : value;
  return typeof text === 'string' && isBase64.test(text)
    ? Buffer.from(text, 'base64').toString('base64')
    : text;
}
