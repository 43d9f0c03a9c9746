/**
 * The part of DER (ITU-T X.690) that X.509 needs, written for speed: a certificate is some forty values, and an
 * authority issues thousands of them a minute when a fleet connects.
 */

/** Identifier octets, X.690 8.1.2. */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier of `[number]` as RFC 5280 uses it: constructed for EXPLICIT, primitive for IMPLICIT on a string. */
export function contextTag(number: number, constructed: boolean): number {
  return 0x80 | (constructed ? 0x20 : 0) | number;
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  if (length < 0x100) return Buffer.of(0x81, length);
  if (length < 0x10000) return Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.of(0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
}

/** One value: identifier, length, and the contents one after the other. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const content of contents) length += content.length;
  return Buffer.concat([Buffer.of(tag), lengthOctets(length), ...contents]);
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(derTags.sequence, ...contents);
}

/** An INTEGER from unsigned big-endian octets. */
export function unsignedInteger(octets: Uint8Array): Buffer {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start += 1;
  const digits = octets.subarray(start);
  const first = digits[0] ?? 0;
  return first >= 0x80 ? der(derTags.integer, Buffer.of(0), digits) : der(derTags.integer, digits);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80);
    }
    octets.push(...groups);
  }
  return der(derTags.oid, Buffer.from(octets));
}

/** A BIT STRING of whole octets. */
export function bitString(octets: Uint8Array): Buffer {
  return der(derTags.bitString, Buffer.of(0), octets);
}

/** A BIT STRING of named bits (X.690 11.2.2: trailing zeros are left out); bit 0 is the first. */
export function namedBits(bits: readonly number[]): Buffer {
  if (bits.length === 0) return der(derTags.bitString, Buffer.of(0));
  const highest = Math.max(...bits);
  const octets = Buffer.alloc((highest >> 3) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return der(derTags.bitString, Buffer.of(7 - (highest & 7)), octets);
}

/** A time in the form that RFC 5280 4.1.2.5 asks for: UTCTime through 2049, GeneralizedTime after; whole seconds. */
export function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '');
  const year = Number(digits.slice(0, 4));
  return year >= 1950 && year < 2050
    ? der(derTags.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : der(derTags.generalizedTime, Buffer.from(digits, 'latin1'));
}

/** One value as it was read: `body` and `whole` are views into the input. */
export interface DerValue {
  readonly tag: number;
  readonly body: Uint8Array;
  readonly whole: Uint8Array;
}

/**
 * Reads the values that follow one another in `input`; it does not descend, so its depth is its caller's.
 *
 * @throws RangeError where the input is no DER, is truncated, or has tags or lengths that X.509 never needs.
 */
export function readDer(input: Uint8Array): readonly DerValue[] {
  const values: DerValue[] = [];
  let position = 0;
  while (position < input.length) {
    const start = position;
    const tag = octetAt(input, position++);
    if ((tag & 0x1f) === 0x1f) throw new RangeError('DER tag of more than one octet');
    let length = octetAt(input, position++);
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 3) throw new RangeError('DER length is indefinite or too large');
      length = 0;
      for (let index = 0; index < count; index += 1) length = length * 256 + octetAt(input, position++);
    }
    if (position + length > input.length) throw new RangeError('DER value is truncated');
    values.push({
      tag,
      body: input.subarray(position, position + length),
      whole: input.subarray(start, position + length),
    });
    position += length;
  }
  return values;
}

function octetAt(input: Uint8Array, position: number): number {
  const octet = input[position];
  if (octet === undefined) throw new RangeError('DER value is truncated');
  return octet;
}
