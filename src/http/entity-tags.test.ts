import { describe, expect, it } from 'vitest';
import { contentTag, matchesStrongly, matchesWeakly, parseEntityTags } from './entity-tags.ts';

describe('lists of entity tags', () => {
  const strong = (opaque: string) => ({ weak: false, opaque });
  const weak = (opaque: string) => ({ weak: true, opaque });
  const cases: readonly (readonly [string, ReturnType<typeof parseEntityTags>])[] = [
    ['*', '*'],
    [' * ', '*'],
    ['"a"', [strong('"a"')]],
    ['W/"a"', [weak('"a"')]],
    ['"a", W/"b" ,"c"', [strong('"a"'), weak('"b"'), strong('"c"')]],
    ['""', [strong('""')]],
    ['"a,b", "c"', [strong('"a,b"'), strong('"c"')]],
    [', "a", ,', [strong('"a"')]],
    ['"żółć"', [strong('"żółć"')]],
    ['', undefined],
    [' , ', undefined],
    ['a', undefined],
    ['"a', undefined],
    ['"a" "b"', undefined],
    ['w/"a"', undefined],
    ['W/ "a"', undefined],
    ['"a b"', undefined],
    ['*, "a"', undefined],
    ['"a", *', undefined],
    [Array.from({ length: 101 }, () => '"a"').join(), undefined],
  ];
  it.each(cases)('%j', (header, expected) => {
    expect(parseEntityTags(header)).toStrictEqual(expected);
  });

  it('of a hundred thousand commas are read in no time', () => {
    expect(parseEntityTags(','.repeat(100_000))).toBeUndefined();
    expect(parseEntityTags(`"a"${' '.repeat(100_000)}x`)).toBeUndefined();
  });

  const comparisons: readonly (readonly [string, boolean, boolean])[] = [
    ['"1"', true, true],
    ['W/"1"', false, true],
    ['"2", "1"', true, true],
    ['"2", W/"3"', false, false],
    ['*', true, true],
  ];
  it.each(comparisons)('%j against "1" is %j strongly and %j weakly', (header, strongly, weakly) => {
    const tags = parseEntityTags(header) ?? [];
    expect([matchesStrongly(tags, '"1"'), matchesWeakly(tags, '"1"')]).toStrictEqual([strongly, weakly]);
  });
});

describe('the tag of contents', () => {
  it('is the same for the same octets, and an entity tag', () => {
    const text = '{"a":"ż"}';
    expect(contentTag(text)).toBe(contentTag(new TextEncoder().encode(text)));
    expect(contentTag(text)).not.toBe(contentTag(`${text} `));
    expect(parseEntityTags(contentTag(text))).toHaveLength(1);
  });
});
