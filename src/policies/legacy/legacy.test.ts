import { describe, expect, it } from 'vitest';
import { flatVerdict, type Verdict } from '../../model/flat-document.case.ts';
import { legacyPolicyTypes } from './index.ts';

const missing = 'mandatory tag "kuma.io/service" is missing';
const noTag = 'must have at least one tag';
const noElement = 'must have at least one element';
const only = 'must consist of exactly one tag "kuma.io/service"';

/** How each kind of list answers to: nothing, an empty selector, one with another tag, one with a service and more. */
const lists: Readonly<Record<'tag' | 'service' | 'only' | 'optional' | 'http', readonly Verdict[]>> = {
  tag: [[['', noElement]], [['[0].match', noTag]], [], []],
  service: [
    [['', noElement]],
    [
      ['[0].match', noTag],
      ['[0].match', missing],
    ],
    [['[0].match', missing]],
    [],
  ],
  only: [
    [['', noElement]],
    [
      ['[0].match', only],
      ['[0].match', missing],
    ],
    [
      ['[0].match', only],
      ['[0].match["version"]', 'tag "version" is not allowed'],
      ['[0].match', missing],
    ],
    [
      ['[0].match', only],
      ['[0].match["version"]', 'tag "version" is not allowed'],
    ],
  ],
  optional: [
    [],
    [
      ['[0].match', noTag],
      ['[0].match', missing],
    ],
    [['[0].match', missing]],
    [],
  ],
  http: [
    [['', noElement]],
    [
      ['[0].match', noTag],
      ['[0].match', 'protocol must be specified'],
    ],
    [['[0].match', 'protocol must be specified']],
    [['[0].match', 'protocol must be specified']],
  ],
};

const given = [
  [],
  [{ match: {} }],
  [{ match: { version: '1' } }],
  [{ match: { 'kuma.io/service': 'web', version: '1' } }],
];

type Kind = keyof typeof lists;

const kinds: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  CircuitBreaker: { sources: 'service', destinations: 'only' },
  FaultInjection: { sources: 'tag', destinations: 'http' },
  HealthCheck: { sources: 'service', destinations: 'only' },
  MeshGatewayRoute: { selectors: 'service' },
  ProxyTemplate: { selectors: 'optional' },
  RateLimit: { sources: 'tag', destinations: 'tag' },
  Retry: { sources: 'service', destinations: 'only' },
  Timeout: { sources: 'service', destinations: 'only' },
  TrafficLog: { sources: 'service', destinations: 'only' },
  TrafficPermission: { sources: 'tag', destinations: 'tag' },
  TrafficRoute: { sources: 'service', destinations: 'only' },
  TrafficTrace: { selectors: 'tag' },
  VirtualOutbound: { selectors: 'tag' },
};

describe('the policies of the older kind', () => {
  it('are those that are tested here, and no zone makes them', () => {
    expect(legacyPolicyTypes.map(({ name }) => name)).toEqual(Object.keys(kinds));
    expect(legacyPolicyTypes.filter(({ providedByZone }) => providedByZone)).toEqual([]);
  });

  const cases = legacyPolicyTypes.flatMap((type) =>
    Object.entries(kinds[type.name] ?? {}).map(([list, kind]) => [type.name, list, kind, type] as const),
  );
  it.each(cases)('%s checks its %s for %s', (_, list, kind, type) => {
    const verdicts = given.map((selectors) => {
      const found = flatVerdict(type, { [list]: selectors });
      return typeof found === 'string'
        ? found
        : found
            .filter(([field]) => field.startsWith(list))
            .map(([field, message]) => [field.slice(list.length), message]);
    });
    expect(verdicts).toEqual(lists[kind]);
  });

  it.each(legacyPolicyTypes.map((type) => [type.name, type] as const))(
    'refuses a %s that it cannot read',
    (name, type) => {
      const list = Object.keys(kinds[name] ?? {})[0] ?? '';
      expect(flatVerdict(type, { [list]: 5 })).toBe(
        `invalid ${name} object: "${list}: json: cannot unmarshal number into Go value of type []json.RawMessage"`,
      );
    },
  );
});
