import { describe, expect, it } from 'vitest';
import * as proto from './proto-json.ts';

const schema = proto.message({
  text: proto.string(),
  chosen: proto.presentString(),
  count: proto.uint32(),
  big: proto.uint64(),
  flag: proto.bool(),
  flagValue: proto.boolValue(),
  countValue: proto.uint32Value(),
  ratio: proto.doubleValue(),
  bytes: proto.bytesValue(),
  secret: proto.nonEmptyBytesValue(),
  state: proto.enumeration('Test.State', ['Off', 'On']),
  wait: proto.duration(),
  time: proto.timestamp(),
  tags: proto.map(),
  words: proto.strings(),
  items: proto.repeated(proto.message({ count: proto.uint32() })),
  item: proto.optional(proto.message({ innerField: proto.string() })),
  free: proto.struct(),
  numbers: proto.uint32s(),
  part: proto.floatValue(),
  chunks: proto.bytesValues(),
  states: proto.enumerations('Test.State', ['Off', 'On']),
  selector: proto.presentMap(),
  sparse: proto.enumeration('Test.Sparse', ['None', 'One', 'Three'], [0, 1, 3]),
  byName: proto.messageMap(proto.message({ count: proto.uint32() })),
});

const choice = proto.message(
  { first: proto.presentString(), other: proto.uint32(), second: proto.optional(proto.message({})) },
  ['first', 'second'],
);

describe('a protobuf message in JSON', () => {
  it.each([
    ['drops fields that it does not know', { colour: 'blue', text: 'a' }, { text: 'a' }],
    ['drops nulls', { text: null, item: null, items: null, tags: null }, {}],
    [
      'drops defaults of scalars, lists and maps',
      { text: '', count: 0, big: '0', flag: false, state: 'Off', tags: {}, words: [], items: [], secret: '' },
      {},
    ],
    [
      'keeps defaults of wrappers and messages',
      { flagValue: false, countValue: 0, ratio: 0, bytes: '', wait: '0', item: {}, chosen: '', free: {} },
      { flagValue: false, countValue: 0, ratio: 0, bytes: '', wait: '0s', item: {}, chosen: '', free: {} },
    ],
    [
      'takes numbers as text',
      { count: '80', countValue: '3', ratio: '0.5' },
      { count: 80, countValue: 3, ratio: 0.5 },
    ],
    ['takes enums by number', { state: 1 }, { state: 'On' }],
    ['takes enums by the number of their default', { state: 0 }, {}],
    ['takes enums whose numbers have gaps', { sparse: 3 }, { sparse: 'Three' }],
    ['takes 64-bit numbers and keeps them as text', { big: 12 }, { big: '12' }],
    [
      'takes names in snake case',
      { flag_value: true, item: { inner_field: 'x' } },
      { flagValue: true, item: { innerField: 'x' } },
    ],
    ['prefers names in camel case', { flagValue: true, flag_value: false }, { flagValue: true }],
    ['prints durations in seconds', { wait: '1m30.5s' }, { wait: '90.500s' }],
    ['ignores line breaks in base64', { bytes: 'aGVs\r\nbG8=' }, { bytes: 'aGVsbG8=' }],
    [
      'reads a null in a list as a message without fields',
      { items: [null, { count: 1 }] },
      { items: [{}, { count: 1 }] },
    ],
    [
      'reads a null in texts as an empty one',
      { words: ['a', null], tags: { a: null } },
      { words: ['a', ''], tags: { a: '' } },
    ],
    [
      'keeps any JSON in a struct',
      { free: { a: [1, null, { b: 'c' }] } },
      { free: { a: [1, null, { b: 'c' }] } },
    ],
    [
      'keeps what is a default in lists of numbers, bytes and enums',
      { numbers: [0, '5', null], chunks: ['', null, 'aGk='], states: ['Off', 1, null] },
      { numbers: [0, 5, 0], chunks: ['', '', 'aGk='], states: ['Off', 'On', 'Off'] },
    ],
    ['drops empty lists of them', { numbers: [], chunks: [], states: [] }, {}],
    [
      'keeps empty maps where a rule asks for them',
      { selector: {}, byName: {} },
      { selector: {}, byName: {} },
    ],
    [
      'reads a null in a map as a message without fields',
      { byName: { b: { count: 1 }, a: null } },
      { byName: { a: {}, b: { count: 1 } } },
    ],
    ['keeps of a float what 32 bits hold', { part: 33.333333333 }, { part: 33.333332 }],
    ['prints a float in as few digits as can be', { part: '0.1' }, { part: 0.1 }],
  ])('%s', (_, given, read) => {
    expect(schema.parse(given)).toStrictEqual(read);
  });

  it.each([
    [{ first: 'a', second: {} }, { second: {} }],
    [
      { second: {}, first: '', other: 1 },
      { other: 1, second: {} },
    ],
    [{ first: '' }, { first: '' }],
    [{ first: 'a', second: null }, { first: 'a' }],
  ])('keeps the last of %j of a oneof', (given, read) => {
    expect(choice.parse(given)).toStrictEqual(read);
  });

  it('refuses what it cannot read in a field of a oneof, even one that is overruled', () => {
    expect(choice.safeParse({ first: 5, second: {} }).success).toBe(false);
  });

  it('orders fields as the message does, and the keys of maps by name', () => {
    expect(JSON.stringify(schema.parse({ tags: { b: '1', a: '2' }, count: 1, text: 'x' }))).toBe(
      '{"text":"x","count":1,"tags":{"a":"2","b":"1"}}',
    );
  });

  it.each([
    [{ text: 5 }],
    [{ count: -1 }],
    [{ count: 1.5 }],
    [{ count: 4294967296 }],
    [{ count: 'x' }],
    [{ count: true }],
    [{ big: -1 }],
    [{ flag: 'true' }],
    [{ bytes: 'aGVsbG8' }],
    [{ bytes: 'not base64!' }],
    [{ state: 'Maybe' }],
    [{ state: 7 }],
    [{ wait: '7d' }],
    [{ wait: 5 }],
    [{ time: 'yesterday' }],
    [{ tags: { a: 5 } }],
    [{ tags: [] }],
    [{ items: {} }],
    [{ items: [5] }],
    [{ item: 'x' }],
    [{ free: [] }],
    [{ numbers: [-1] }],
    [{ numbers: 5 }],
    [{ part: 1e39 }],
    [{ part: 'NaN' }],
    [{ chunks: ['?'] }],
    [{ states: ['Maybe'] }],
    [{ states: [2] }],
    [{ sparse: 2 }],
    [{ selector: { a: {} } }],
    [{ byName: { a: 5 } }],
    [{ byName: [] }],
  ])('refuses %j', (given) => {
    expect(schema.safeParse(given).success).toBe(false);
  });
});
