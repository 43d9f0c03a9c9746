import { goQuote } from '../go-quote.ts';
import { isTrue, printed, type TemplateFunction, typeName, type Value } from './evaluate.ts';

const any = Number.POSITIVE_INFINITY;

/** The functions that every template may call, as far as texts have a use for them (https://pkg.go.dev/text/template#hdr-Functions). */
export const commonFunctions: ReadonlyMap<string, TemplateFunction> = new Map([
  ['and', taking(1, any, lastOf, (value) => !isTrue(value))],
  ['or', taking(1, any, lastOf, isTrue)],
  ['not', taking(1, 1, (value) => !isTrue(value))],
  ['eq', taking(1, any, (value, ...others) => equalsOne(value, others))],
  ['ne', taking(2, 2, (value, other) => !equalsOne(value, [other]))],
  ['lt', taking(2, 2, (value, other) => compare(value, other) < 0)],
  ['le', taking(2, 2, (value, other) => compare(value, other) <= 0)],
  ['gt', taking(2, 2, (value, other) => compare(value, other) > 0)],
  ['ge', taking(2, 2, (value, other) => compare(value, other) >= 0)],
  ['len', taking(1, 1, lengthOf)],
  ['index', taking(1, any, indexOf)],
  ['slice', taking(1, any, sliceOf)],
  ['print', taking(0, any, (...values) => print(values))],
  ['println', taking(0, any, (...values) => `${values.map(printed).join(' ')}\n`)],
  ['printf', taking(1, any, (format, ...values) => printf(format, values))],
]);

function taking(
  least: number,
  most: number,
  call: (...parameters: readonly Value[]) => Value,
  until: (parameter: Value) => boolean = () => false,
): TemplateFunction {
  // Each has a function of its own, to which its properties belong.
  return Object.assign((...parameters: readonly Value[]) => call(...parameters), {
    takes: [least, most] as const,
    until,
  });
}

function lastOf(...values: readonly Value[]): Value {
  return values.at(-1);
}

function equalsOne(value: Value, others: readonly Value[]): boolean {
  if (others.length === 0) {
    throw new Error('missing argument for comparison');
  }
  return others.some((other) => {
    if (value !== undefined && other !== undefined) {
      requireOneType(value, other);
    }
    if (typeof value === 'object' && other !== undefined) {
      throw new Error(`non-comparable type ${printed(value)}: ${typeName(value)}`);
    }
    return value === other;
  });
}

function compare(value: Value, other: Value): number {
  if (!isOrdered(value) || !isOrdered(other)) {
    throw new Error('invalid type for comparison');
  }
  requireOneType(value, other);
  return typeof value === 'string'
    ? Buffer.compare(Buffer.from(value), Buffer.from(String(other)))
    : value - Number(other);
}

function isOrdered(value: Value): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function requireOneType(value: Value, other: Value): void {
  const types = [typeName(value), typeName(other)];
  if (types[0] !== types[1]) {
    throw new Error(`incompatible types for comparison: ${types.join(' and ')}`);
  }
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') {
    return Buffer.byteLength(value);
  }
  if (typeof value === 'object') {
    return Object.keys(value).length;
  }
  throw new Error(
    value === undefined
      ? 'reflect: call of reflect.Value.Type on zero Value'
      : `len of type ${typeName(value)}`,
  );
}

function indexOf(value: Value, ...keys: readonly Value[]): Value {
  return keys.reduce<Value>((from, key) => {
    if (typeof from === 'object') {
      if (typeof key !== 'string') {
        throw new Error(
          key === undefined
            ? 'value is nil; should be of type string'
            : `value has type ${typeName(key)}; should be string`,
        );
      }
      return Object.hasOwn(from, key) ? (from[key] ?? '') : '';
    }
    if (typeof from !== 'string') {
      throw new Error(
        from === undefined ? 'index of untyped nil' : `can't index item of type ${typeName(from)}`,
      );
    }
    const bytes = Buffer.from(from);
    return bytes[place(key, bytes.length - 1)];
  }, value);
}

function sliceOf(value: Value, ...places: readonly Value[]): string {
  if (typeof value !== 'string') {
    throw new Error(
      value === undefined ? 'slice of untyped nil' : `can't slice item of type ${typeName(value)}`,
    );
  }
  if (places.length > 2) {
    throw new Error(
      places.length === 3 ? 'cannot 3-index slice a string' : `too many slice indexes: ${places.length}`,
    );
  }
  const bytes = Buffer.from(value);
  const [from = 0, to = bytes.length] = places.map((each) => place(each, bytes.length));
  if (from > to) {
    throw new Error(`invalid slice index: ${from} > ${to}`);
  }
  return bytes.subarray(from, to).toString('utf8');
}

/** A place within a text, in bytes. */
function place(value: Value, last: number): number {
  if (value === undefined) {
    throw new Error('cannot index slice/array with nil');
  }
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new Error(`cannot index slice/array with type ${typeName(value)}`);
  }
  if (value < 0 || value > last) {
    throw new Error(`index out of range: ${value}`);
  }
  return value;
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
    throw new Error(
      format === undefined
        ? 'invalid value; expected string'
        : `wrong type for value; expected string; got ${typeName(format)}`,
    );
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
