import fc from 'fast-check';
import { plausibleText } from './words.ts';

/** A list or an object around a list or an object, so many levels deep. */
function nested(levels: number, open: string, close: string): unknown {
  return JSON.parse(`${open.repeat(levels)}${close.repeat(levels)}`);
}

/** Own members of the names that objects have by birth; an assignment would change the object's nature instead. */
const prototypeKeys: unknown = JSON.parse(
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":0}',
);

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    -0,
    0.1,
    1e308,
    -1e308,
    5e-324,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 64,
    '',
    ' ',
    'NaN',
    'Infinity',
    '1e999',
    '0x10',
    '9'.repeat(400),
    '9'.repeat(30).concat('h'),
    'é\u0000\ud800',
    '\u202e\u2066\ufeff',
    '🧨'.repeat(100),
    '../../etc/passwd',
    '$(reboot)',
    '{{ range . }}{{ end }}',
    '{{'.repeat(500),
    '('.repeat(2_000),
    '(a+)+$',
    'a'.repeat(70_000),
    'a.'.repeat(2_000),
    '__proto__',
    'constructor',
    [],
    [[]],
    {},
    [null],
    [{}],
    prototypeKeys,
    nested(70, '[', ']'),
    JSON.parse('{"a":'.repeat(70).concat('1', '}'.repeat(70))),
    nested(200, '[', ']'),
    Array.from({ length: 3_000 }, () => ({})),
    Array.from({ length: 3_000 }, () => 'web'),
    Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`k${at}`, 'v'])),
  ),
  fc.jsonValue(),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double(),
);

/** How one place of a value is changed. */
type Change =
  | { readonly kind: 'replace'; readonly value: unknown }
  | { readonly kind: 'remove' }
  | { readonly kind: 'double' }
  | { readonly kind: 'rename'; readonly name: string }
  | { readonly kind: 'insert'; readonly name: string; readonly value: unknown };

const name = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '',
    'spec',
    'mesh',
    'name',
    'type',
    'kuma.io/mesh',
    'Networking',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('replace' as const), value: junk }), weight: 4 },
  { arbitrary: fc.constant({ kind: 'remove' } as const), weight: 2 },
  { arbitrary: fc.constant({ kind: 'double' } as const), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('rename' as const), name }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('insert' as const), name, value: junk }), weight: 1 },
);

/** A change, and which of the value's places, counted from the root, it is made at. */
const mutation = fc.record({ change, place: fc.nat() });

/** Values with up to three of their places changed; a good part of them unchanged. */
export function mutated(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const changes = fc.oneof(fc.constant([]), fc.array(mutation, { minLength: 1, maxLength: 3 }));
  return fc
    .tuple(values, changes)
    .map(([value, all]) =>
      all.reduce((before, { change: each, place }) => changed(before, each, place), value),
    );
}

/** Values with one to three of their texts, numbers and truths in place of others of the same kind. */
export function varied(value: object): fc.Arbitrary<object> {
  const leaf = fc.record({
    place: fc.nat(),
    text: plausibleText(''),
    number: fc.oneof(fc.nat({ max: 100 }), fc.integer(), fc.double({ noNaN: true })),
  });
  return fc.array(leaf, { minLength: 1, maxLength: 3 }).map((leaves) => {
    const copy = structuredClone(value);
    for (const { place, text, number } of leaves) {
      const places = placesOf(copy).filter(({ parent, key }) => typeof Reflect.get(parent, key) !== 'object');
      const at = places[place % Math.max(1, places.length)];
      if (at !== undefined) {
        const here: unknown = Reflect.get(at.parent, at.key);
        set(
          at.parent,
          at.key,
          typeof here === 'string' ? text : typeof here === 'number' ? number : here !== true,
        );
      }
    }
    return copy;
  });
}

type Container = unknown[] | Record<string, unknown>;

/** One place of a value: the list or object that it is in, and where it is there. */
interface Place {
  readonly parent: Container;
  readonly key: string;
}

function placesOf(value: unknown): readonly Place[] {
  const found: Place[] = [];
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'object' && next !== null) {
      const parent = next as Container;
      for (const [key, member] of Object.entries(parent)) {
        found.push({ parent, key });
        // What was made to be large is no more interesting inside.
        if (found.length < 2_000) {
          open.push(member);
        }
      }
    }
  }
  return found;
}

function changed(value: unknown, change: Change, place: number): unknown {
  const copy: unknown = structuredClone(value);
  const places = placesOf(copy);
  const at = places[place % (places.length + 1)];
  if (at === undefined) {
    return change.kind === 'replace' ? change.value : copy;
  }
  apply(at, change);
  return copy;
}

function apply({ parent, key }: Place, change: Change): void {
  const here: unknown = Object.getOwnPropertyDescriptor(parent, key)?.value;
  switch (change.kind) {
    case 'replace':
      set(parent, key, change.value);
      break;
    case 'remove':
      if (Array.isArray(parent)) {
        parent.splice(Number(key), 1);
      } else {
        Reflect.deleteProperty(parent, key);
      }
      break;
    case 'double':
      if (Array.isArray(parent)) {
        parent.push(here);
      } else {
        set(parent, `${key}2`, here);
      }
      break;
    case 'rename':
      if (!Array.isArray(parent)) {
        Reflect.deleteProperty(parent, key);
        set(parent, change.name, here);
      }
      break;
    case 'insert':
      if (typeof here === 'object' && here !== null && !Array.isArray(here)) {
        set(here as Container, change.name, change.value);
      }
      break;
  }
}

/** Makes a member of the parent's own, whatever its name. */
function set(parent: Container, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Changes to the text of a document, after which it mostly is no JSON. */
export function brokenText(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    '\\',
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\u0000',
    'NaN',
    '-',
    '1e999',
    '\ufeff',
    '//',
    '\n',
  );
  return fc
    .tuple(texts, fc.nat(), piece, fc.constantFrom('cut', 'put', 'double', 'deep', 'comma'))
    .map(([text, at, put, kind]) => {
      const position = at % (text.length + 1);
      switch (kind) {
        case 'cut':
          return text.slice(0, position);
        case 'put':
          return `${text.slice(0, position)}${put}${text.slice(position)}`;
        case 'double':
          // The same member twice, of which the last one counts.
          return text.replace(/"name":/, '"name":"other","name":');
        case 'deep':
          return text.replace(/"name":/, () => `"bomb":${'['.repeat(40_000)}${']'.repeat(40_000)},"name":`);
        default:
          return text.replace(/\}$/, ',}');
      }
    });
}
