import { goQuote } from '../go-quote.ts';

/** What Go says of an escape that is none. */
const invalidSyntax = 'invalid syntax';

/** A literal that cannot be read; the message is Go's. */
export class LiteralError extends Error {}

/**
 * The value of a number as Go's templates read it; undefined for imaginary ones, for which texts have no use.
 *
 * @throws LiteralError
 */
export function numberOf(text: string): number | undefined {
  if (text.endsWith('i') && floatOf(text.slice(0, -1)) !== undefined) {
    return undefined;
  }
  const integer = integerOf(text);
  if (integer !== undefined) {
    return integer;
  }
  const float = floatOf(text);
  if (float === undefined) {
    throw new LiteralError(`illegal number syntax: ${goQuote(text)}`);
  }
  if (!/[.eEpP]/.test(text)) {
    throw new LiteralError(`integer overflow: ${goQuote(text)}`);
  }
  return float;
}

const integerPattern =
  /^([+-]?)(0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;

/** A whole number of 64 bits, in Go's notation with prefixes; longer ones are none. */
function integerOf(text: string): number | undefined {
  const [, sign, digits] = integerPattern.exec(text) ?? [];
  if (digits === undefined || digits.length > 100) {
    return undefined;
  }
  const plain = digits.replaceAll('_', '');
  const size = BigInt(/^0\d/.test(plain) ? `0o${plain.slice(1)}` : plain);
  const limit = sign === '' ? 2n ** 64n - 1n : sign === '-' ? 2n ** 63n : 2n ** 63n - 1n;
  return size > limit ? undefined : Number(sign === '-' ? -size : size);
}

/** A number with a fraction or an exponent; those that no `float64` holds are none. */
function floatOf(text: string): number | undefined {
  const plain = text.replace(/(?<=[\da-fA-FxX])_(?=[\da-fA-F])/g, '');
  const hex = /^([+-]?)0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)$/.exec(plain);
  if (hex !== null) {
    const [, sign, whole = '', fraction = '', exponent] = hex;
    const size = Number.parseInt(whole + fraction, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
    return Number.isFinite(size) ? (sign === '-' ? -size : size) : undefined;
  }
  const isDecimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(plain);
  return isDecimal && Number.isFinite(Number(plain)) ? Number(plain) : undefined;
}

/**
 * The text between double quotes or back quotes.
 *
 * @throws LiteralError
 */
export function textOf(quoted: string): string {
  if (quoted.startsWith('`')) {
    return quoted.slice(1, -1).replaceAll('\r', '');
  }
  const inner = quoted.slice(1, -1);
  const parts: Buffer[] = [];
  for (let at = 0; at < inner.length; ) {
    const { code, isByte, length } = unescaped(inner, at, '"');
    parts.push(isByte ? Buffer.from([code]) : Buffer.from(String.fromCodePoint(code)));
    at += length;
  }
  return Buffer.concat(parts).toString('utf8');
}

/**
 * The number of the character between single quotes.
 *
 * @throws LiteralError
 */
export function characterOf(quoted: string): number {
  const inner = quoted.slice(1, -1);
  if (inner === '') {
    throw new LiteralError(invalidSyntax);
  }
  const { code, length } = unescaped(inner, 0, "'");
  if (length !== inner.length) {
    throw new LiteralError(`malformed character constant: ${quoted}`);
  }
  return code;
}

const named: Readonly<Record<string, number>> = {
  a: 0x07,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
  '\\': 0x5c,
};

interface Unescaped {
  readonly code: number;
  /** It stands for one byte, which need not be a character. */
  readonly isByte: boolean;
  /** Of what stands for it, in characters. */
  readonly length: number;
}

function unescaped(text: string, at: number, quote: string): Unescaped {
  const code = text.codePointAt(at) ?? 0;
  if (code !== 0x5c) {
    return { code, isByte: false, length: String.fromCodePoint(code).length };
  }
  const next = text.charAt(at + 1);
  const known = next === quote ? quote.charCodeAt(0) : Object.hasOwn(named, next) ? named[next] : undefined;
  if (known !== undefined) {
    return { code: known, isByte: false, length: 2 };
  }
  const rest = text.slice(at + 1, at + 10);
  const [, byte, octal, rune] =
    /^(?:x([\da-fA-F]{2})|([0-7]{3})|(u[\da-fA-F]{4}|U[\da-fA-F]{8}))/.exec(rest) ?? [];
  const digits = byte ?? octal ?? rune?.slice(1);
  const value = Number.parseInt(digits ?? '', octal === undefined ? 16 : 8);
  const highest = rune === undefined ? 0xff : 0x10_ffff;
  const isSurrogate = rune !== undefined && value >= 0xd800 && value < 0xe000;
  if (digits === undefined || value > highest || isSurrogate) {
    throw new LiteralError(invalidSyntax);
  }
  return { code: value, isByte: rune === undefined, length: digits.length + (octal === undefined ? 2 : 1) };
}
