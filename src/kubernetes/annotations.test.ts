import { describe, expect, it } from 'vitest';
import { type AnnotationReader, readAnnotations } from './annotations.ts';

type Form = Exclude<keyof AnnotationReader, 'map'>;

it.each<[Form, string, unknown]>([
  ['text', '', ''],
  ['text', ' a ', ' a '],
  ['boolean', 'yes', true],
  ['boolean', 'true', true],
  ['boolean', 'no', false],
  ['boolean', 'false', false],
  ['enabled', 'enabled', true],
  ['enabled', 'disabled', false],
  ['enabled', 'yes', true],
  ['uint32', '0', 0],
  ['uint32', '00000000000080', 80],
  ['uint32', '4294967295', 4_294_967_295],
  ['duration', '1m30s', 90_000_000_000n],
  ['list', 'a,,b,', ['a', 'b']],
  ['list', '', []],
])('%s of %j', (form, value, expected) => {
  expect(readAnnotations({ it: value })[form]('it')).toStrictEqual(expected);
});

it.each<[keyof AnnotationReader, string, string]>([
  ['boolean', 'enabled', 'annotation "it" has wrong value "enabled"'],
  ['boolean', 'True', 'annotation "it" has wrong value "True"'],
  ['enabled', 'builtin', 'annotation "it" has wrong value "builtin"'],
  ['enabled', '', 'annotation "it" has wrong value ""'],
  ['uint32', '-1', 'failed to parse annotation "it": strconv.ParseUint: parsing "-1": invalid syntax'],
  ['uint32', '', 'failed to parse annotation "it": strconv.ParseUint: parsing "": invalid syntax'],
  [
    'uint32',
    '4294967296',
    'failed to parse annotation "it": strconv.ParseUint: parsing "4294967296": value out of range',
  ],
  ['duration', '7d', 'time: unknown unit "d" in duration "7d"'],
  [
    'map',
    'a=1;b',
    'invalid format. Map in "it" has to be provided in the following format: key1=value1;key2=value2',
  ],
  [
    'map',
    'a=1=2',
    'invalid format. Map in "it" has to be provided in the following format: key1=value1;key2=value2',
  ],
])('%s refuses %j, in the words of Kuma and with the field', (form, value, message) => {
  expect(() => readAnnotations({ it: value })[form]('it')).toThrow(
    expect.objectContaining({
      code: 'invalid',
      message,
      violations: [{ field: 'metadata.annotations["it"]', message }],
    }),
  );
});

describe('annotations', () => {
  it('are read as pairs', () => {
    expect(readAnnotations({ it: 'A=1;B=' }).map('it')).toEqual(
      new Map([
        ['A', '1'],
        ['B', ''],
      ]),
    );
  });

  it.each([undefined, {}, { other: 'x' }])('are absent from %j in every form', (values) => {
    const reader = readAnnotations(values);
    for (const read of Object.values(reader)) {
      expect(read('it')).toBeUndefined();
      expect(read('constructor')).toBeUndefined();
    }
  });
});
