import { describe, expect, it } from 'vitest';
import { hostPort, socketAddress } from './address.ts';
import { edsCluster, singleMemberCluster } from './cluster.ts';
import { nanoseconds } from './duration.ts';
import { Cluster_DiscoveryType } from './gen/envoy/config/cluster/v3/cluster_pb.ts';
import { headerMatcher } from './header-matcher.ts';
import { connectionManager } from './http-connection-manager.ts';
import { textMetadata } from './metadata.ts';
import { rbacRules } from './rbac.ts';
import { statisticName } from './statistics.ts';
import { uriMatcher } from './uri-matcher.ts';

it.each([
  ['10.0.0.1', 80, '10.0.0.1:80'],
  ['fd00::1', 80, '[fd00::1]:80'],
  ['a.example', 80, 'a.example:80'],
])('hostPort of %s', (host, port, expected) => {
  expect(hostPort(host, port)).toBe(expected);
});

it.each([
  ['backend', 'backend'],
  ['a_b-C9', 'a_b-C9'],
  ['inbound:[fd00::1]:80', 'inbound__fd00__1__80'],
  ['größe', 'gr__e'],
])('statisticName of %s', (name, expected) => {
  expect(statisticName(name)).toBe(expected);
});

it.each([
  [0n, 0n, 0],
  [1_500_000_000n, 1n, 500_000_000],
  [25_000_000n, 0n, 25_000_000],
])('nanoseconds of %s', (count, seconds, nanos) => {
  expect(nanoseconds(count)).toMatchObject({ seconds, nanos });
});

describe('clusters', () => {
  it.each([
    ['10.0.0.1', Cluster_DiscoveryType.STATIC],
    ['::1', Cluster_DiscoveryType.STATIC],
    ['host.example', Cluster_DiscoveryType.STRICT_DNS],
  ])('with a member at %s', (address, type) => {
    const { cluster } = singleMemberCluster('c', socketAddress(address, 1));
    expect(cluster.clusterDiscoveryType).toEqual({ case: 'type', value: type });
  });

  it('have a name for statistics where theirs does not do', () => {
    expect(edsCluster('plain').cluster.altStatName).toBe('');
    expect(edsCluster('with:colon').cluster.altStatName).toBe('with_colon');
  });
});

describe('internal addresses', () => {
  const internal = [
    { prefix: '10.0.0.0', length: 8 },
    { prefix: 'fc00::', length: 7 },
  ];
  it.each([
    [true, ['10.0.0.0', 'fc00::']],
    [false, ['10.0.0.0']],
  ])('with IPv6 %s', (ipv6, expected) => {
    const manager = connectionManager({ name: 'm', internal, ipv6, routes: {} });
    expect(manager.internalAddressConfig?.cidrRanges.map(({ addressPrefix }) => addressPrefix)).toEqual(
      expected,
    );
  });
});

it('metadata is the same whatever the order of its values', () => {
  const keys = (values: Record<string, string>) =>
    Object.keys(textMetadata(['k'], values).filterMetadata.k ?? {});
  expect(keys({ b: '1', a: '2' })).toEqual(keys({ a: '2', b: '1' }));
});

it.each([
  [{ kind: 'exact', value: 'v' }, 'stringMatch'],
  [{ kind: 'prefix', value: 'v' }, 'stringMatch'],
  [{ kind: 'pattern', value: 'v' }, 'stringMatch'],
  [{ kind: 'present' }, 'presentMatch'],
  [{ kind: 'absent' }, 'presentMatch'],
] as const)('headerMatcher of %j', (condition, specifier) => {
  expect(headerMatcher('h', condition).headerMatchSpecifier.case).toBe(specifier);
});

it('rules for nobody have no policy', () => {
  expect(rbacRules('p', 'allow', []).policies).toEqual({});
  expect(Object.keys(rbacRules('p', 'allow', [{ kind: 'any' }]).policies ?? {})).toEqual(['p']);
});

it('a matcher without rules denies all', () => {
  const { matcherType, onNoMatch } = uriMatcher([]);
  expect(matcherType).toBeUndefined();
  expect(onNoMatch).toBeDefined();
});
