import { describe, expect, it } from 'vitest';
import { pairs } from './refusal.case.ts';
import { type SelectorsOptions, serviceSelectors, validateSelectors } from './selectors.ts';
import type { Tags } from './tags.ts';
import { Violations } from './violations.ts';

type Expected = readonly (readonly [field: string, message: string])[];

function found(matches: readonly (Tags | undefined)[], options?: SelectorsOptions): Expected {
  const violations = new Violations();
  const list = matches.map((match) => (match === undefined ? {} : { match }));
  validateSelectors(violations, 'sources', list, options);
  return pairs(violations);
}

const service = 'kuma.io/service';

describe('validateSelectors', () => {
  it.each<readonly [readonly (Tags | undefined)[], SelectorsOptions, Expected]>([
    [[], {}, [['sources', 'must have at least one element']]],
    [[], { optional: true }, []],
    [[undefined, { [service]: '*', version: 'a/b' }], {}, []],
    [[{}], { requireTag: true }, [['sources[0].match', 'must have at least one tag']]],
    [
      [{ a: 'b' }, { c: 'd' }],
      { single: true, requireService: true },
      [
        ['sources[0].match', `mandatory tag "${service}" is missing`],
        ['sources[1].match', `mandatory tag "${service}" is missing`],
        ['sources[1]', 'there can be at most one selector'],
      ],
    ],
    [
      [{ 'a b': 'c d', '': '' }],
      {},
      [
        ['sources[0].match', 'tag name must be non-empty'],
        ['sources[0].match[""]', 'tag value must be non-empty'],
        [
          'sources[0].match["a b"]',
          'tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores',
        ],
        [
          'sources[0].match["a b"]',
          'tag value must consist of alphanumeric characters, dots, dashes, slashes and underscores or be "*"',
        ],
      ],
    ],
    [[{ [service]: 'a' }], serviceSelectors, []],
    [
      [{ [service]: 'a', version: '1' }, {}],
      serviceSelectors,
      [
        ['sources[0].match', `must consist of exactly one tag "${service}"`],
        ['sources[0].match["version"]', 'tag "version" is not allowed'],
        ['sources[1].match', `must consist of exactly one tag "${service}"`],
        ['sources[1].match', `mandatory tag "${service}" is missing`],
      ],
    ],
  ])('of %j with %j', (matches, options, expected) => {
    expect(found(matches, options)).toEqual(expected);
  });
});
