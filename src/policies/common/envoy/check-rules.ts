import { formatDuration, parseDuration } from '../../../model/duration.ts';
import type { Message, Value } from './decode.ts';
import { EnvoyProblem, goNumber, goQuote } from './decode-scalar.ts';
import type { FieldRules } from './message-table.ts';
import type { Element, Field } from './message-types.ts';

/** A value under rules, and what it is called. */
interface Subject {
  readonly message: Message;
  /** Such as `Domains[0]`. */
  readonly name: string;
  readonly element: Element;
  readonly rules: FieldRules;
}

/**
 * Checks a message by the rules that Envoy's authors have put beside its fields, and those in it.
 *
 * @throws EnvoyProblem for the first rule that is broken, in the words of https://github.com/bufbuild/protoc-gen-validate.
 */
export function checkRules(message: Message): void {
  const { fields, oneofs } = message.type;
  const grouped = new Set(oneofs.flatMap(([, , ...names]) => names));
  for (const field of fields.filter(({ name, shape }) => !grouped.has(name) && shape !== 'optional')) {
    checkField(message, field);
  }
  for (const [name, required, ...names] of oneofs) {
    // Of several the last one counts, as in the reader.
    const set = fields.findLast((field) => names.includes(field.name) && message.fields.has(field.name));
    if (set !== undefined) {
      checkField(message, set);
    } else if (required) {
      throw problem(message, goName(name), 'value is required');
    }
  }
  for (const field of fields.filter(({ name, shape }) => shape === 'optional' && message.fields.has(name))) {
    checkField(message, field);
  }
}

function checkField(message: Message, field: Field): void {
  const value = message.fields.get(field.name);
  const name = goName(field.name);
  const { rules = {}, element } = field;
  if (field.shape === 'list') {
    checkList({ message, name, element, rules }, Array.isArray(value) ? value : []);
  } else if (field.shape === 'map') {
    checkMap({ message, name, element, rules }, value instanceof Map ? value : new Map());
  } else {
    checkValue({ message, name, element, rules }, value);
  }
}

function checkList(subject: Subject, list: readonly Value[]): void {
  const { message, name, rules } = subject;
  const { minItems, maxItems, unique, items = {} } = rules;
  checkCount(subject, list.length, minItems, maxItems);
  const seen = new Set<Value>();
  for (const [position, value] of list.entries()) {
    const itemName = `${name}[${position}]`;
    if (unique === true && seen.has(value)) {
      throw problem(message, itemName, 'repeated value must contain unique items');
    }
    seen.add(value);
    checkValue({ ...subject, name: itemName, rules: items }, value);
  }
}

function checkCount(subject: Subject, count: number, least?: number, most?: number): void {
  if (least !== undefined && most !== undefined) {
    refuseUnless(
      count >= least && count <= most,
      subject,
      least === most
        ? `value must contain exactly ${least} item(s)`
        : `value must contain between ${least} and ${most} items, inclusive`,
    );
  } else if (least !== undefined) {
    refuseUnless(count >= least, subject, `value must contain at least ${least} item(s)`);
  } else if (most !== undefined) {
    refuseUnless(count <= most, subject, `value must contain no more than ${most} item(s)`);
  }
}

function checkMap(subject: Subject, map: ReadonlyMap<string, Value>): void {
  const { minPairs = 0, keys } = subject.rules;
  refuseUnless(map.size >= minPairs, subject, `value must contain at least ${minPairs} pair(s)`);
  for (const [key, value] of [...map].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = `${subject.name}[${key}]`;
    if (keys !== undefined) {
      const text: Element = { kind: 'scalar', name: 'string' };
      checkValue({ ...subject, name, element: text, rules: keys }, key);
    }
    checkValue({ ...subject, name, rules: {} }, value);
  }
}

/** Scalars that are not set are zero, and under the rules all the same. */
function checkValue(subject: Subject, value: Value | undefined): void {
  const { element, rules } = subject;
  refuseUnless(rules.required !== true || value !== undefined, subject, requiredWords(element, rules));
  if (element.kind === 'message') {
    if (value !== undefined && rules.skip !== true) {
      checkEmbedded(subject, value);
    }
  } else if (element.kind === 'wellKnown') {
    if (value !== undefined) {
      checkScalar(subject, value);
    }
  } else {
    checkScalar(subject, value ?? zeroOf(element));
  }
}

/** A scalar that may be missing, with rules of its own, is asked for in other words. */
function requiredWords(element: Element, rules: FieldRules): string {
  const isWrapper = element.kind === 'wellKnown' && element.name.endsWith('Value');
  return isWrapper && Object.keys(rules).length > 1
    ? 'value is required and must not be nil.'
    : 'value is required';
}

function zeroOf(element: Element): Value {
  const name = element.kind === 'scalar' ? element.name : 'enum';
  return name === 'string' ? '' : name === 'bytes' ? new Uint8Array() : name === 'bool' ? false : 0;
}

function checkEmbedded(subject: Subject, value: Value): void {
  if (!isMessage(value)) {
    return;
  }
  try {
    checkRules(value);
  } catch (error) {
    throw error instanceof EnvoyProblem
      ? problem(
          subject.message,
          subject.name,
          `embedded message failed validation | caused by: ${error.message}`,
        )
      : error;
  }
}

function isMessage(value: Value): value is Message {
  return typeof value === 'object' && 'type' in value;
}

function checkScalar(subject: Subject, value: Value): void {
  const { rules, element } = subject;
  if (typeof value === 'string') {
    checkText(subject, value);
  } else if (typeof value === 'bigint') {
    checkRange(subject, value, (bound) => parseDuration(String(bound)), formatDuration);
  } else if (value instanceof Uint8Array) {
    checkBytes(subject, value.length);
  } else if (typeof value === 'boolean') {
    refuseUnless(
      rules.const === undefined || value === rules.const,
      subject,
      `value must equal ${rules.const}`,
    );
  } else if (typeof value === 'number') {
    if (element.kind === 'enum') {
      checkEnum(subject, value, element.values);
    } else {
      checkRange(subject, value, Number, goNumber);
    }
  }
}

function checkEnum(subject: Subject, value: number, values: ReadonlyMap<string, number>): void {
  const { notIn = [], definedOnly } = subject.rules;
  const names = [...values].filter(([, number]) => notIn.includes(number)).map(([name]) => name);
  refuseUnless(!notIn.includes(value), subject, `value must not be in list [${names.join(' ')}]`);
  const defined = definedOnly !== true || [...values.values()].includes(value);
  refuseUnless(defined, subject, 'value must be one of the defined enum values');
}

function checkText(subject: Subject, text: string): void {
  const { rules } = subject;
  if (rules.ignoreEmpty === true && text === '') {
    return;
  }
  refuseUnless(
    rules.in === undefined || rules.in.includes(text),
    subject,
    `value must be in list [${rules.in?.join(' ')}]`,
  );
  checkLength(subject, [...text].length, 'runes', rules);
  checkLength(subject, Buffer.byteLength(text), 'bytes', { maxLen: rules.maxBytes });
  if (rules.pattern !== undefined) {
    const words = `value does not match regex pattern ${goQuote(rules.pattern)}`;
    refuseUnless(new RegExp(rules.pattern, 'u').test(text), subject, words);
  }
}

function checkBytes(subject: Subject, length: number): void {
  checkLength(subject, length, 'bytes', subject.rules);
}

function checkLength(
  subject: Subject,
  length: number,
  unit: 'runes' | 'bytes',
  { minLen, maxLen }: { readonly minLen?: number | undefined; readonly maxLen?: number | undefined },
): void {
  if (minLen !== undefined && maxLen !== undefined) {
    refuseUnless(
      length >= minLen && length <= maxLen,
      subject,
      minLen === maxLen
        ? `value length must be ${minLen} ${unit}`
        : `value length must be between ${minLen} and ${maxLen} ${unit}, inclusive`,
    );
  } else if (minLen !== undefined) {
    refuseUnless(length >= minLen, subject, `value length must be at least ${minLen} ${unit}`);
  } else if (maxLen !== undefined) {
    refuseUnless(length <= maxLen, subject, `value length must be at most ${maxLen} ${unit}`);
  }
}

/** A number or a duration between bounds; outside of them where the lower one is above the upper one. */
function checkRange<T extends number | bigint>(
  subject: Subject,
  value: T,
  read: (bound: number | string) => T,
  write: (bound: T) => string,
): void {
  const { gt, gte = gt, lt, lte = lt } = subject.rules;
  const lowest = gte === undefined ? undefined : read(gte);
  const highest = lte === undefined ? undefined : read(lte);
  const isAbove = lowest === undefined || value > lowest || (value === lowest && gt === undefined);
  const isBelow = highest === undefined || value < highest || (value === highest && lt === undefined);
  if (lowest !== undefined && highest !== undefined) {
    const isInside = highest > lowest;
    const range = rangeWords(subject.rules, write(lowest), write(highest), isInside);
    refuseUnless(isInside ? isAbove && isBelow : isAbove || isBelow, subject, `value must be ${range}`);
  } else {
    checkBound(subject, isAbove, 'greater', gt, lowest === undefined ? '' : write(lowest));
    checkBound(subject, isBelow, 'less', lt, highest === undefined ? '' : write(highest));
  }
}

/** Square brackets are for bounds that are within the range that the words are about. */
function rangeWords({ gt, lt }: FieldRules, lowest: string, highest: string, isInside: boolean): string {
  return isInside
    ? `inside range ${gt === undefined ? '[' : '('}${lowest}, ${highest}${lt === undefined ? ']' : ')'}`
    : `outside range ${lt === undefined ? '(' : '['}${highest}, ${lowest}${gt === undefined ? ')' : ']'}`;
}

/** @param exclusive the bound, where it is not within the range itself. */
function checkBound(
  subject: Subject,
  isKept: boolean,
  side: 'greater' | 'less',
  exclusive: number | string | undefined,
  bound: string,
): void {
  const than = exclusive === undefined ? 'than or equal to' : 'than';
  refuseUnless(isKept, subject, `value must be ${side} ${than} ${bound}`);
}

function refuseUnless(condition: boolean, subject: Subject, words: string): void {
  if (!condition) {
    throw problem(subject.message, subject.name, words);
  }
}

function problem(message: Message, field: string, words: string): EnvoyProblem {
  const type = message.type.name.replace(/^(?:[a-z][^.]*\.)*/, '').replaceAll('.', '_');
  return new EnvoyProblem(`invalid ${type}.${field}: ${words}`);
}

/** The name that a field has in Go: `max_5xx` is `Max_5Xx`. */
function goName(name: string): string {
  return name.replace(/(?:^|_|(?<=\d))([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
