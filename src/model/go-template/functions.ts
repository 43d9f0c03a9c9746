import { goQuote } from '../go-quote.ts';
import { isTrue, printed, type TemplateFunction, typeName, type Value } from './evaluate.ts';

/** The functions that every template may call, as far as texts have a use for them (https://pkg.go.dev/text/template#hdr-Functions). */
export const commonFunctions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['and', (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1)],
  ['or', (...values) => values.find(isTrue) ?? values.at(-1)],
  ['not', (value) => !isTrue(value)],
  ['eq', (value, ...others) => equalsOne(value, others)],
  ['ne', (value, other) => !equalsOne(value, [other])],
  ['lt', (value, other) => compare(value, other) < 0],
  ['le', (value, other) => compare(value, other) <= 0],
  ['gt', (value, other) => compare(value, other) > 0],
  ['ge', (value, other) => compare(value, other) >= 0],
  ['len', lengthOf],
  ['index', indexOf],
  ['slice', sliceOf],
  ['print', (...values) => print(values)],
  ['println', (...values) => `${values.map(printed).join(' ')}\n`],
  ['printf', (format, ...values) => printf(format, values)],
]);

function equalsOne(value: Value, others: readonly Value[]): boolean {
  if (others.length === 0) {
    throw new Error('missing argument for comparison');
  }
  return others.some((other) => {
    requireComparable(value, other);
    return value === other;
  });
}

function compare(value: Value, other: Value): number {
  requireComparable(value, other);
  if (typeof value === 'string' && typeof other === 'string') {
    return Buffer.compare(Buffer.from(value), Buffer.from(other));
  }
  return Number(value) - Number(other);
}

function requireComparable(value: Value, other: Value): void {
  if (value === undefined || other === undefined || typeof value === 'object') {
    throw new Error('non-comparable type');
  }
  if (typeof value !== typeof other) {
    throw new Error('incompatible types for comparison');
  }
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') {
    return Buffer.byteLength(value);
  }
  if (typeof value === 'object') {
    return Object.keys(value).length;
  }
  throw new Error(value === undefined ? 'len of nil pointer' : `len of type ${typeName(value)}`);
}

function indexOf(value: Value, ...keys: readonly Value[]): Value {
  return keys.reduce<Value>((from, key) => {
    if (typeof from === 'object' && typeof key === 'string') {
      return Object.hasOwn(from, key) ? (from[key] ?? '') : '';
    }
    if (typeof from === 'string' && typeof key === 'number') {
      const byte = Buffer.from(from)[key];
      if (byte === undefined) {
        throw new Error(`index out of range: ${key}`);
      }
      return byte;
    }
    throw new Error(
      from === undefined ? 'index of untyped nil' : `can't index item of type ${typeName(from)}`,
    );
  }, value);
}

function sliceOf(value: Value, from: Value = 0, to: Value = undefined): string {
  if (typeof value !== 'string') {
    throw new Error(
      value === undefined ? 'slice of untyped nil' : `can't slice item of type ${typeName(value)}`,
    );
  }
  const bytes = Buffer.from(value);
  const end = to ?? bytes.length;
  for (const place of [from, end]) {
    if (typeof place !== 'number') {
      throw new Error(`cannot index slice/array with type ${typeName(place)}`);
    }
    if (place < 0 || place > bytes.length) {
      throw new Error(`index out of range: ${place}`);
    }
  }
  if (Number(from) > Number(end)) {
    throw new Error(`invalid slice index: ${String(from)} > ${String(end)}`);
  }
  return bytes.subarray(Number(from), Number(end)).toString('utf8');
}

/** Spaces stand between operands of which neither is a text. */
function print(values: readonly Value[]): string {
  return values
    .map((value, position) => {
      const before = values[position - 1];
      const spaced = position > 0 && typeof value !== 'string' && typeof before !== 'string';
      return `${spaced ? ' ' : ''}${value === undefined ? '<nil>' : printed(value)}`;
    })
    .join('');
}

/** `%s`, `%v`, `%q`, `%d`, `%t` and `%%`; widths and the like are refused, for they have no bounds. */
function printf(format: Value, values: readonly Value[]): string {
  if (typeof format !== 'string') {
    throw new Error(`wrong type for value; expected string; got ${typeName(format)}`);
  }
  let next = 0;
  const text = format.replace(/%([\s\S]?)/g, (directive, verb: string) => {
    if (verb === '%') {
      return '%';
    }
    if (!'svqdt'.includes(verb) || verb === '') {
      throw new Error(`the directive ${goQuote(directive)} is not supported`);
    }
    const value = values[next];
    next += 1;
    return next > values.length ? `%!${verb}(MISSING)` : formatted(verb, value);
  });
  const extra = values.slice(next).map((value) => `${typeName(value)}=${printed(value)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

const verbsOf: Readonly<Record<string, string>> = { string: 'svq', number: 'vd', boolean: 'vt', object: 'v' };

function formatted(verb: string, value: Value): string {
  if (value === undefined) {
    return verb === 'v' ? '<nil>' : `%!${verb}(<nil>)`;
  }
  if (verbsOf[typeof value]?.includes(verb) !== true) {
    return `%!${verb}(${typeName(value)}=${printed(value)})`;
  }
  return verb === 'q' ? goQuote(printed(value)) : printed(value);
}
