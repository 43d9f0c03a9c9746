import { create, type JsonObject } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { NodeSchema } from '../envoy/gen/envoy/config/core/v3/base_pb.ts';
import { readNode } from './node.ts';

function read(id: string, metadata: JsonObject = {}) {
  return readNode(create(NodeSchema, { id, metadata }));
}

/** What Kuma's bootstrap puts into the metadata. */
const recorded: JsonObject = {
  'dataplane.admin.address': '127.0.0.1',
  'dataplane.admin.port': '9901',
  'dataplane.dns.port': '15054',
  'dataplane.proxyType': 'dataplane',
  'dataplane.readinessReporter.port': '9902',
  'dataplane.resource': '{"type": "Dataplane"}',
  dynamicMetadata: { team: 'red' },
  features: ['feature-readiness-unix-socket', 'feature-embedded-dns'],
  ipv6Enabled: true,
  metricsCertPath: '/cert',
  metricsKeyPath: '/key',
  'spireAgent.socketPath': '/spire',
  systemCaPath: '/etc/ssl/ca.pem',
  transparentProxy: { redirect: { inbound: { enabled: true } } },
  version: { kumaDp: { version: '2.13.10' }, envoy: {} },
  workdir: '/tmp/dp',
};

describe('readNode', () => {
  it('reads what a bootstrap writes', () => {
    expect(read('default.web-1', recorded)).toEqual({
      mesh: 'default',
      name: 'web-1',
      dataplaneResource: '{"type": "Dataplane"}',
      metadata: {
        proxyType: 'dataplane',
        adminAddress: '127.0.0.1',
        adminPort: 9901,
        dnsPort: 15054,
        readinessPort: 9902,
        workdir: '/tmp/dp',
        features: new Set(['feature-readiness-unix-socket', 'feature-embedded-dns']),
        systemCaPath: '/etc/ssl/ca.pem',
        ipv6Enabled: true,
        metricsCertPath: '/cert',
        metricsKeyPath: '/key',
        spireSocketPath: '/spire',
        transparentProxy: { redirect: { inbound: { enabled: true } } },
        version: { kumaDp: { version: '2.13.10' }, envoy: {} },
        dynamicMetadata: { team: 'red' },
      },
    });
  });

  it('takes the absent for nothing, and IPv6 for there', () => {
    expect(read('default.web-1')).toEqual({
      mesh: 'default',
      name: 'web-1',
      dataplaneResource: undefined,
      metadata: {
        proxyType: 'dataplane',
        adminAddress: '',
        adminPort: 0,
        dnsPort: 0,
        readinessPort: 0,
        workdir: '',
        features: new Set(),
        systemCaPath: '',
        ipv6Enabled: true,
        metricsCertPath: '',
        metricsKeyPath: '',
        spireSocketPath: '',
        transparentProxy: undefined,
        version: undefined,
        dynamicMetadata: {},
      },
    });
  });

  it.each([
    { id: 'default.web-1.namespace', metadata: {}, mesh: 'default', name: 'web-1.namespace' },
    { id: '.in-1', metadata: { 'dataplane.proxyType': 'ingress' }, mesh: '', name: 'in-1' },
  ])('splits $id at its first dot', ({ id, metadata, mesh, name }) => {
    expect(read(id, metadata)).toMatchObject({ mesh, name });
  });

  it.each([
    ['9901', 9901],
    [9901, 9901],
    ['65536', 0],
    ['-1', 0],
    ['0x50', 0],
    [1.5, 0],
    [null, 0],
  ])('reads the port %j as %d', (port, expected) => {
    expect(read('m.n', { 'dataplane.admin.port': port }).metadata.adminPort).toBe(expected);
  });

  it.each([
    ['', {}, '<mesh>.<name>'],
    ['default', {}, '<mesh>.<name>'],
    ['default.', {}, '<mesh>.<name>'],
    ['.web', {}, 'name the mesh'],
    ['Default.web', {}, 'lower case'],
    ['default.a b', {}, 'lower case'],
    [`default.${'x'.repeat(254)}`, {}, 'lower case'],
    [`${'x'.repeat(64)}.web`, {}, 'lower case'],
    ['m.n', { workdir: 5 }, '"workdir"] must be a string'],
    ['m.n', { workdir: 'x'.repeat(4097) }, 'at most 4096 characters, got 4097'],
    ['m.n', { 'dataplane.resource': 'x'.repeat(1024 * 1024 + 1) }, 'at most 1048576 characters'],
    ['m.n', { 'dataplane.proxyType': 'tram' }, 'must be one of dataplane, ingress, egress'],
    ['m.n', { features: Array.from({ length: 257 }, String) }, 'at most 256 entries, got 257'],
    ['m.n', { dynamicMetadata: { a: 1 } }, '"a"] must be a string'],
    [
      'm.n',
      { dynamicMetadata: Object.fromEntries(Array.from({ length: 1025 }, (_, index) => [`k${index}`, ''])) },
      'at most 1024 entries, got 1025',
    ],
  ] satisfies [string, JsonObject, string][])('refuses %.20s with %.40j', (id, metadata, message) => {
    expect(() => read(id, metadata)).toThrow(message);
  });

  it('refuses a request without a node', () => {
    expect(() => readNode(undefined)).toThrow('must have a node');
  });

  it('passes over what is no text among the features', () => {
    expect(read('m.n', { features: ['a', 5, null, { b: 1 }] }).metadata.features).toEqual(new Set(['a']));
    expect(read('m.n', { features: 'a' }).metadata.features).toEqual(new Set());
  });
});
