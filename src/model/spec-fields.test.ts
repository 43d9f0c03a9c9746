import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  intOrString,
  listOf,
  requiredIntOrString,
  uint32,
  wholeNumber,
  withDefault,
  withoutNulls,
} from './spec-fields.ts';

const schema = z.object({ weight: withDefault(1, wholeNumber()), share: requiredIntOrString() });

describe('a field with a default', () => {
  it.each([
    [{ share: 5 }, { weight: 1, share: 5 }],
    [
      { weight: null, share: null },
      { weight: 1, share: 0 },
    ],
    [
      { weight: 0, share: '5' },
      { weight: 0, share: '5' },
    ],
  ])('makes of %j %j', (given, stored) => {
    expect(schema.parse(given)).toStrictEqual(stored);
  });

  it('may be left out, unlike one that is only decoded from null', () => {
    expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
      properties: { weight: { type: 'integer', minimum: 0, default: 1 } },
      required: ['share'],
    });
    expect(schema.safeParse({}).error?.issues).toMatchObject([{ path: ['share'] }]);
  });
});

it('leaves out nulls, of the members that it is told', () => {
  const item = withoutNulls(['a'], z.object({ a: intOrString().exactOptional(), b: z.null() }));
  expect(item.parse({ a: null, b: null })).toStrictEqual({ b: null });
  expect(item.parse({ a: 1, b: null })).toStrictEqual({ a: 1, b: null });
  expect(item.safeParse(null).success).toBe(false);
  expect(item.safeParse('a').success).toBe(false);
});

it('tells of the items of a list that is too long', () => {
  const { error } = listOf(z.object({ a: z.string() }), 1).safeParse([{ a: 'x' }, {}]);
  expect(error?.issues.map(({ code, path }) => [code, path])).toEqual([
    ['invalid_type', [1, 'a']],
    ['too_big', []],
  ]);
  expect(z.toJSONSchema(listOf(uint32(), 3))).toMatchObject({ type: 'array', maxItems: 3 });
});
