import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshLoadBalancingStrategyType } from './type.ts';

const mesh = { kind: 'Mesh' };
const service = { kind: 'MeshService', name: 'shop' };
const gateway = { kind: 'MeshGateway', name: 'g' };
const route = { kind: 'MeshHTTPRoute', name: 'r' };
const conf = 'spec.to[0].default';
const crossZone = `${conf}.localityAwareness.crossZone`;
const localZone = `${conf}.localityAwareness.localZone`;

function to(strategy: unknown, targetRef: object = mesh): object {
  return { to: [{ targetRef, default: strategy }] };
}

const balancer = (type: string, more: object = {}) => to({ loadBalancer: { type, ...more } });
const hash = (...hashPolicies: readonly object[]) => to({ hashPolicies });
const failover = (entry: object) => to({ localityAwareness: { crossZone: { failover: [entry] } } });
const threshold = (percentage: unknown) =>
  to({ localityAwareness: { crossZone: { failoverThreshold: { percentage } } } });
const affinity = (...affinityTags: readonly object[]) =>
  to({ localityAwareness: { localZone: { affinityTags } } });

describe('a MeshLoadBalancingStrategy', () => {
  it.each<readonly [object]>([
    [to({})],
    [{ to: [{ targetRef: mesh }] }],
    [to({ hashPolicies: [] }, route)],
    [to({ localityAwareness: { disabled: true } }, { kind: 'MeshMultiZoneService', name: 'a' })],
    [to({ localityAwareness: { crossZone: {} } }, service)],
    [{ targetRef: gateway, ...to({ loadBalancer: { type: 'Random' } }) }],
    [{ targetRef: { ...gateway, tags: { a: 'b' } }, ...to({ localityAwareness: {} }, service) }],
    [balancer('RoundRobin', { roundRobin: {} })],
    [balancer('LeastRequest')],
    [balancer('LeastRequest', { leastRequest: { choiceCount: 2, activeRequestBias: '1.5' } })],
    [balancer('LeastRequest', { leastRequest: { activeRequestBias: null } })],
    [
      balancer('RingHash', {
        ringHash: { hashFunction: 'MurmurHash2', minRingSize: 1, maxRingSize: 8_000_000 },
      }),
    ],
    [balancer('Maglev', { maglev: { tableSize: 5_000_011, hashPolicies: [] } })],
    // Only the member that the type names is looked at.
    [balancer('Random', { ringHash: { hashPolicies: [{ type: 'Header' }] } })],
    [
      hash(
        { type: 'Header', header: { name: 'X Y' }, terminal: true },
        { type: 'Cookie', cookie: { name: 'a', ttl: '0s', path: '/' } },
        { type: 'SourceIP', connection: {} },
        { type: 'Connection', connection: { sourceIP: true } },
        { type: 'QueryParameter', queryParameter: { name: 'q' } },
        { type: 'FilterState', filterState: { key: 'k' } },
      ),
    ],
    [failover({ from: { zones: ['a'] }, to: { type: 'Only', zones: ['b'] } })],
    [failover({ to: { type: 'Any', zones: [] } })],
    [threshold('0.5')],
    [threshold(100)],
    [affinity({ key: 'a' }, { key: 'b' })],
    [affinity({ key: 'a', weight: 9 }, { key: 'b', weight: 1 })],
  ])('may be %j', (spec) => {
    expect(verdict(meshLoadBalancingStrategyType, spec)).toEqual([]);
  });

  it.each<readonly [object, string, string]>([
    [{}, 'spec.to', 'needs at least one item'],
    [{ to: [] }, 'spec.to', 'needs at least one item'],
    [{ targetRef: route, ...to({}) }, 'spec.targetRef.kind', "value 'MeshHTTPRoute' is not supported"],
    [to({}, { kind: 'MeshSubset' }), 'spec.to[0].targetRef.kind', "value 'MeshSubset' is not supported"],
    [
      to({}, { kind: 'MeshExternalService', name: 'x' }),
      'spec.to[0].targetRef.kind',
      "value 'MeshExternalService' is not supported",
    ],
    [
      { targetRef: gateway, ...to({}, route) },
      'spec.to[0].targetRef.kind',
      "value 'MeshHTTPRoute' is not supported",
    ],
    [
      { targetRef: gateway, ...to({ loadBalancer: { type: 'Random' } }, service) },
      'spec.to[0].targetRef.kind',
      "value 'MeshGateway' is not supported, only Mesh is allowed if loadBalancer is set",
    ],
    [
      balancer('LeastRequest', { leastRequest: { activeRequestBias: '-0.1' } }),
      `${conf}.loadBalancer.leastRequest.activeRequestBias`,
      'must be greater or equal then: 0',
    ],
    [
      balancer('LeastRequest', { leastRequest: { activeRequestBias: '' } }),
      `${conf}.loadBalancer.leastRequest.activeRequestBias`,
      'string must be a valid number',
    ],
    ...['header', 'cookie', 'queryParameter', 'filterState', 'connection'].map(
      (member) =>
        [
          hash({ type: `${member[0]?.toUpperCase()}${member.slice(1)}` }),
          `${conf}.hashPolicies[0].${member}`,
          'must be defined',
        ] as const,
    ),
    [hash({ type: 'SourceIP' }), `${conf}.hashPolicies[0].connection`, 'must be defined'],
    [
      hash({ type: 'Cookie', cookie: { name: 'a', path: '' } }),
      `${conf}.hashPolicies[0].cookie.path`,
      'must be an absolute path',
    ],
    [
      balancer('RingHash', { ringHash: { hashPolicies: [{ type: 'Header' }] } }),
      `${conf}.loadBalancer.ringHash.hashPolicies[0].header`,
      'must be defined',
    ],
    [
      balancer('Maglev', { maglev: { hashPolicies: [{ type: 'Header' }] } }),
      `${conf}.loadBalancer.maglev.hashPolicies[0].header`,
      'must be defined',
    ],
    [
      failover({ from: { zones: [] }, to: { type: 'None' } }),
      `${crossZone}.failover[0].from.zones`,
      'must not be empty',
    ],
    [
      failover({ from: { zones: ['a', ''] }, to: { type: 'None' } }),
      `${crossZone}.failover[0].from.zones[1]`,
      'must not be empty',
    ],
    ...(['None', 'Any'] as const).map(
      (type) =>
        [
          failover({ to: { type, zones: ['a'] } }),
          `${crossZone}.failover[0].to.zones`,
          `must be empty when type is ${type}`,
        ] as const,
    ),
    ...(['Only', 'AnyExcept'] as const).map(
      (type) =>
        [
          failover({ to: { type, zones: [] } }),
          `${crossZone}.failover[0].to.zones`,
          `must not be empty when type is ${type}`,
        ] as const,
    ),
    [threshold(0), `${crossZone}.failoverThreshold.percentage`, 'must be greater than 0'],
    [threshold('0.0'), `${crossZone}.failoverThreshold.percentage`, 'must be greater than 0'],
    [threshold(null), `${crossZone}.failoverThreshold.percentage`, 'must be greater than 0'],
    [threshold(101), `${crossZone}.failoverThreshold.percentage`, 'must be in inclusive range [0.0, 100.0]'],
    [threshold('x'), `${crossZone}.failoverThreshold.percentage`, 'string must be a valid number'],
    ...[
      { ...service, sectionName: 'http' },
      { kind: 'MeshService', labels: { a: 'b' } },
    ].map(
      (ref) =>
        [
          to({ localityAwareness: { crossZone: {} } }, ref),
          crossZone,
          'must not be set: MeshService traffic is local',
        ] as const,
    ),
    [affinity({ key: '' }), `${localZone}.affinityTags[0].key`, 'must not be empty'],
    [affinity({ key: 'a', weight: 0 }), `${localZone}.affinityTags[0].weight`, 'must be greater than 0'],
    [
      affinity({ key: 'a', weight: 1 }, { key: 'b' }),
      `${localZone}.affinityTags`,
      'all or none affinity tags should have weight',
    ],
    // What the schema says.
    [
      balancer('Dice'),
      `${conf}.loadBalancer.type`,
      'in body should be one of [RoundRobin LeastRequest RingHash Random Maglev]',
    ],
    [to({ loadBalancer: {} }), `${conf}.loadBalancer.type`, 'in body is required'],
    [
      balancer('LeastRequest', { leastRequest: { choiceCount: 1 } }),
      `${conf}.loadBalancer.leastRequest.choiceCount`,
      'in body should be greater than or equal to 2',
    ],
    [
      balancer('RingHash', { ringHash: { hashFunction: 'MD5' } }),
      `${conf}.loadBalancer.ringHash.hashFunction`,
      'in body should be one of [XXHash MurmurHash2]',
    ],
    ...['minRingSize', 'maxRingSize'].flatMap((name) => [
      [
        balancer('RingHash', { ringHash: { [name]: 0 } }),
        `${conf}.loadBalancer.ringHash.${name}`,
        'in body should be greater than or equal to 1',
      ] as const,
      [
        balancer('RingHash', { ringHash: { [name]: 8_000_001 } }),
        `${conf}.loadBalancer.ringHash.${name}`,
        'in body should be less than or equal to 8e+06',
      ] as const,
    ]),
    [
      balancer('Maglev', { maglev: { tableSize: 5_000_012 } }),
      `${conf}.loadBalancer.maglev.tableSize`,
      'in body should be less than or equal to 5.000011e+06',
    ],
    [
      hash({ type: 'Header', header: { name: '' } }),
      `${conf}.hashPolicies[0].header.name`,
      'in body should be at least 1 chars long',
    ],
    [
      hash({ type: 'FilterState', filterState: {} }),
      `${conf}.hashPolicies[0].filterState.key`,
      'in body is required',
    ],
    [failover({}), `${crossZone}.failover[0].to`, 'in body is required'],
    [
      failover({ from: {}, to: { type: 'Any' } }),
      `${crossZone}.failover[0].from.zones`,
      'in body is required',
    ],
    [
      failover({ to: { type: 'Some' } }),
      `${crossZone}.failover[0].to.type`,
      'in body should be one of [None Only Any AnyExcept]',
    ],
    [
      to({ localityAwareness: { crossZone: { failoverThreshold: {} } } }),
      `${crossZone}.failoverThreshold.percentage`,
      'in body is required',
    ],
  ])('is refused as %j at %s', (spec, field, message) => {
    expect(verdict(meshLoadBalancingStrategyType, spec)).toEqual([[field, message]]);
  });

  it('has hash policies in one place', () => {
    const strategy = {
      hashPolicies: [],
      loadBalancer: { type: 'Random', ringHash: { hashPolicies: [] }, maglev: { hashPolicies: [] } },
    };
    expect(verdict(meshLoadBalancingStrategyType, to(strategy))).toEqual(
      ['ringHash', 'maglev'].map((algorithm) => [
        `${conf}.loadBalancer.${algorithm}.hashPolicies`,
        'hashPolicies already specified in the root level',
      ]),
    );
  });

  it('for a route is about hash policies alone', () => {
    const strategy = {
      hashPolicies: [{ type: 'Header' }],
      loadBalancer: { type: 'Random', ringHash: { hashPolicies: [] } },
      localityAwareness: { crossZone: { failoverThreshold: { percentage: 0 } } },
    };
    expect(verdict(meshLoadBalancingStrategyType, to(strategy, route))).toEqual([
      [`${conf}.hashPolicies[0].header`, 'must be defined'],
      ...['loadBalancer', 'localityAwareness'].map((member) => [
        `${conf}.${member}`,
        'field is not allowed when targetRef.kind is MeshHTTPRoute, only hashPolicies is supported',
      ]),
    ]);
  });

  it('cannot be read with a life of a cookie that is no duration', () => {
    expect(
      verdict(meshLoadBalancingStrategyType, hash({ type: 'Cookie', cookie: { name: 'a', ttl: 'x' } })),
    ).toBe('invalid MeshLoadBalancingStrategy object: "time: invalid duration \\"x\\""');
  });

  const sourceIP = { type: 'SourceIP', connection: {} };

  it.each<readonly [object, readonly string[]]>([
    [hash(sourceIP), []],
    [balancer('Maglev', { ringHash: { hashPolicies: [sourceIP] } }), []],
    ...[['RingHash', 'ringHash'] as const, ['Maglev', 'maglev'] as const].map(
      ([type, member]) =>
        [
          {
            targetRef: { kind: 'MeshSubset' },
            ...balancer(type, { [member]: { hashPolicies: [sourceIP] } }),
          },
          [
            `configuration '${conf}.loadBalancer.${member}.hashPolicies' is deprecated, use '${conf}.hashPolicies' instead`,
            `SourceIP type for '${conf}.loadBalancer.${member}.hashPolicies[0].type' is deprecated, use Connection instead`,
            "MeshSubset value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
          ],
        ] as const,
    ),
    [balancer('Maglev', { maglev: { tableSize: 65537 } }), []],
    ...[1, 4, 65535].map(
      (tableSize) =>
        [
          balancer('Maglev', { maglev: { tableSize } }),
          [`'${conf}.loadBalancer.maglev.tableSize' must be a prime number for Envoy.`],
        ] as const,
    ),
    ...[{ minRingSize: 9, maxRingSize: 8 }, { maxRingSize: 1023 }].map(
      (ringHash) =>
        [
          balancer('RingHash', { ringHash }),
          [`'${conf}.loadBalancer.ringHash' has a minimum size above its maximum, which Envoy refuses.`],
        ] as const,
    ),
    [balancer('RingHash', { ringHash: { minRingSize: 8_000_000 } }), []],
    [balancer('RingHash', { ringHash: { minRingSize: 8, maxRingSize: 8 } }), []],
    [balancer('RingHash', { ringHash: { maxRingSize: 1024 } }), []],
  ])('as %j is warned of: %j', (spec, warnings) => {
    const parsed = parse(meshLoadBalancingStrategyType, spec);
    expect(meshLoadBalancingStrategyType.deprecations?.(parsed, 'x')).toEqual(warnings);
  });
});
