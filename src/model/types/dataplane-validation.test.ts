import { describe, expect, it } from 'vitest';
import { pairs } from '../refusal.case.ts';
import { dataplaneSchema } from './dataplane-schema.ts';
import { validateDataplane } from './dataplane-validation.ts';

const tags = { 'kuma.io/service': 'shop' };
const inbound = { port: 80, tags };
const portRange = 'port must be in the range [1, 65535]';
const selfReference = 'serviceAddress and servicePort has to differ from address and port';
const kinds = 'invalid value. Available values are: MeshExternalService,MeshMultiZoneService,MeshService';

type Expected = readonly (readonly [field: string, message: string])[];

function violationsOf(spec: unknown): Expected {
  return pairs(validateDataplane(dataplaneSchema.parse(spec)));
}

/** Violations of a sound Dataplane with other members of `networking`; their paths start below it. */
function ofNetworking(members: object): Expected {
  return violationsOf({ networking: { address: '10.0.0.1', inbound: [inbound], ...members } }).map(
    ([field, message]) => [field.replace(/^networking\.?/, ''), message],
  );
}

describe('validateDataplane', () => {
  it.each([
    ['a sidecar', { inbound: [inbound] }],
    ['a host name', { address: 'db.example' }],
    ['IPv6', { address: 'fd00::1' }],
    ['an advertised host', { advertisedAddress: 'host.example' }],
    [
      'another port at its own address',
      { inbound: [{ ...inbound, serviceAddress: '10.0.0.1', servicePort: 81 }] },
    ],
    ['a delegated gateway', { inbound: [], gateway: { tags } }],
    ['a built-in gateway', { inbound: [], gateway: { type: 'BUILTIN', tags } }],
    ['a gateway of protocol tcp', { inbound: [], gateway: { tags: { ...tags, 'kuma.io/protocol': 'tcp' } } }],
    [
      'outbounds of both kinds',
      {
        outbound: [
          { port: 1, tags },
          { port: 2, backendRef: { kind: 'MeshService', name: 'a', port: 3 } },
        ],
      },
    ],
    [
      'a backend found by labels',
      { outbound: [{ port: 1, backendRef: { kind: 'MeshService', labels: { a: 'b' }, port: 3 } }] },
    ],
    [
      'an external service without a port',
      { outbound: [{ port: 1, backendRef: { kind: 'MeshExternalService', name: 'a' } }] },
    ],
    [
      'an admin port that others use elsewhere',
      { inbound: [{ ...inbound, port: 9901 }], admin: { port: 9901 } },
    ],
    ['the same inbound twice', { inbound: [inbound, inbound] }],
  ])('takes %s', (_, members) => {
    expect(ofNetworking(members)).toEqual([]);
  });

  it.each<readonly [string, object, Expected]>([
    ['no address', { address: '' }, [['address', "address can't be empty"]]],
    ['an address for all interfaces', { address: '::' }, [['address', 'must not be 0.0.0.0 or ::']]],
    [
      'an address that is none',
      { address: 'a b' },
      [['address', 'address has to be valid IP address or domain name']],
    ],
    [
      'an advertised address that is none',
      { advertisedAddress: 'a b' },
      [['advertisedAddress', 'address has to be valid IP address or domain name']],
    ],
    ['nothing to serve', { inbound: [] }, [['', 'has to contain at least one inbound interface or gateway']]],
    [
      'ports out of range',
      { inbound: [{ ...inbound, port: 65536, servicePort: 70000 }] },
      [
        ['inbound[0].port', portRange],
        ['inbound[0].servicePort', portRange],
      ],
    ],
    [
      'a service address that is none',
      { inbound: [{ ...inbound, serviceAddress: 'localhost' }] },
      [['inbound[0].serviceAddress', 'serviceAddress has to be valid IP address']],
    ],
    [
      'a service at the proxy itself',
      { inbound: [{ ...inbound, serviceAddress: '10.0.0.1' }] },
      [['inbound[0].serviceAddress', selfReference]],
    ],
    [
      'a service at the inbound itself',
      { inbound: [{ ...inbound, address: '10.0.0.2', serviceAddress: '10.0.0.2', servicePort: 80 }] },
      [['inbound[0].serviceAddress', selfReference]],
    ],
    [
      'an inbound address that is none',
      { inbound: [{ ...inbound, address: 'here' }] },
      [['inbound[0].address', 'address has to be valid IP address']],
    ],
    ['no service', { inbound: [{ port: 80 }] }, [['inbound[0].tags["kuma.io/service"]', 'tag has to exist']]],
    [
      'tags with wrong characters',
      { inbound: [{ port: 80, tags: { ...tags, '': 'x', 'a b': 'c', v: '', w: 'a b' } }] },
      [
        ['inbound[0].tags', 'tag name must be non-empty'],
        [
          'inbound[0].tags["a b"]',
          'tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores',
        ],
        ['inbound[0].tags["v"]', 'tag value must be non-empty'],
        [
          'inbound[0].tags["w"]',
          'tag value must consist of alphanumeric characters, dots, dashes and underscores',
        ],
      ],
    ],
    [
      'an unknown protocol',
      { inbound: [{ port: 80, tags: { ...tags, 'kuma.io/protocol': 'smoke' } }] },
      [
        [
          'inbound[0].tags["kuma.io/protocol"]',
          'tag "kuma.io/protocol" has an invalid value "smoke". Allowed values: grpc, http, http2, kafka, tcp',
        ],
      ],
    ],
    [
      'a probe of no time',
      {
        inbound: [
          {
            ...inbound,
            serviceProbe: { interval: '0s', timeout: '-1s', unhealthyThreshold: 0, healthyThreshold: 0 },
          },
        ],
      },
      ['interval', 'timeout', 'unhealthyThreshold', 'healthyThreshold'].map(
        (name) => [`inbound[0].serviceProbe.${name}`, 'must have a positive value'] as const,
      ),
    ],
    [
      'inbounds of a delegated gateway',
      { gateway: { tags: { 'kuma.io/protocol': 'http' } } },
      [
        ['inbound', 'inbound cannot be defined for delegated gateways'],
        ['gateway.tags["kuma.io/protocol"]', 'other values than tcp are not allowed, provided value "http"'],
        ['gateway.tags', 'mandatory tag "kuma.io/service" is missing'],
      ],
    ],
    [
      'inbounds and outbounds of a built-in gateway',
      { gateway: { type: 'BUILTIN', tags }, outbound: [{ port: 1, tags }] },
      [
        ['inbound', 'inbound cannot be defined for builtin gateways'],
        ['outbound', 'outbound cannot be defined for builtin gateways'],
      ],
    ],
    [
      'outbounds that lead nowhere',
      { outbound: [{ address: 'db' }, { port: 1, tags: { v: '1' } }] },
      [
        ['outbound[0].port', portRange],
        ['outbound[0].address', 'address has to be valid IP address'],
        ['outbound[0].tags', 'mandatory tag "kuma.io/service" is missing'],
        ['outbound[1].tags', 'mandatory tag "kuma.io/service" is missing'],
      ],
    ],
    [
      'backends that are none',
      {
        outbound: [
          { port: 1, backendRef: {} },
          { port: 1, tags, backendRef: { kind: 'MeshService', name: 'a', port: 1 } },
        ],
      },
      [
        ['outbound[0].backendRef.kind', kinds],
        ['outbound[0].backendRef', "either 'name' or 'labels' should be specified"],
        ['outbound[0].backendRef.port', portRange],
        ['outbound[1].backendRef', 'both backendRef and tags/service cannot be defined'],
      ],
    ],
    [
      'an admin port of its own in- and outbounds',
      { address: '127.0.0.1', admin: { port: 80 }, outbound: [{ port: 80, tags }] },
      [
        ['admin.port', 'must differ from inbound'],
        ['admin.port', 'must differ from outbound'],
      ],
    ],
    [
      'an admin port of its workload',
      { inbound: [{ ...inbound, serviceAddress: '127.0.0.1', servicePort: 99 }], admin: { port: 99 } },
      [['admin.port', 'must differ from inbound']],
    ],
    ['an admin port out of range', { admin: { port: 70000 } }, [['admin.port', portRange]]],
    [
      'redirected ports out of range',
      { transparentProxying: { redirectPortInbound: 70000, redirectPortOutbound: 70000 } },
      [
        ['transparentProxying.redirectPortInbound', portRange],
        ['transparentProxying.redirectPortOutbound', portRange],
      ],
    ],
  ])('refuses %s', (_, members, expected) => {
    expect(ofNetworking(members)).toEqual(expected);
  });

  it.each<readonly [object, Expected]>([
    [{ kind: 'MeshService', name: 'a', namespace: 'b', port: 0 }, []],
    [{ kind: 'MeshService', labels: { a: 'b' } }, []],
    [{ name: 'a' }, [['kind', kinds]]],
    [{ kind: 'MeshService' }, [['name', 'name or labels are required']]],
    [{ kind: 'MeshService', namespace: 'b' }, [['name', 'name is required, when namespace is defined']]],
    [
      { kind: 'MeshService', name: 'a', labels: { a: 'b' } },
      [['labels', 'labels cannot be defined when name is specified']],
    ],
  ])('checks the reachable backend %j', (ref, expected) => {
    const path = 'transparentProxing.reachableBackends.refs[0].';
    const found = ofNetworking({ transparentProxying: { reachableBackends: { refs: [ref] } } });
    expect(found).toEqual(expected.map(([field, message]) => [path + field, message]));
  });

  it('checks probes, but for those of built-in gateways, which must not have any', () => {
    const probes = { endpoints: [{ inboundPort: 1, inboundPath: 'x', path: '/y' }] };
    expect(violationsOf({ networking: { address: 'a', inbound: [inbound] }, probes })).toEqual([
      ['probes.port', portRange],
      ['probes.endpoints[0].inboundPath', 'should be a valid URL Path'],
    ]);
    expect(
      violationsOf({ networking: { address: 'a', gateway: { type: 'BUILTIN', tags } }, probes }),
    ).toEqual([['networking.probes', 'probes cannot be defined for builtin gateways']]);
  });

  it.each<readonly [object, Expected]>([
    [{ type: 'prometheus' }, []],
    [{ type: 'statsd' }, [['metrics.type', 'unknown backend type. Available backends: "prometheus"']]],
    [
      { type: 'prometheus', conf: { port: {} } },
      [
        [
          'metrics.conf',
          'could not parse config: json: cannot unmarshal object into Go value of type uint32',
        ],
      ],
    ],
    [
      { type: 'prometheus', conf: { tls: { mode: 'x' } } },
      [
        [
          'metrics.conf',
          'could not parse config: unknown value "\\"x\\"" for enum kuma.mesh.v1alpha1.PrometheusTlsConfig.Mode',
        ],
      ],
    ],
    [
      { type: 'prometheus', conf: { skipMTLS: true, tls: { mode: 'providedTLS' } } },
      [['metrics.conf', 'skipMTLS and tls configuration cannot be defined together']],
    ],
    [{ type: 'prometheus', conf: { skipMTLS: true, tls: { mode: 'disabled' } } }, []],
    [{ type: 'prometheus', conf: { skipMTLS: false, tls: {} } }, []],
    [
      { type: 'prometheus', conf: { aggregate: [{ name: 'a' }, { name: 'a' }] } },
      [['metrics.conf.aggregate[1].name', 'duplicate entry: a, values have to be unique']],
    ],
    [
      { type: 'prometheus', conf: { envoy: { filterRegex: 'a(' } } },
      [
        [
          'metrics.conf.envoy.filterRegex',
          "provided regexp isn't correct: error parsing regexp: missing closing ): `a(`",
        ],
      ],
    ],
  ])('checks the metrics %j', (metrics, expected) => {
    expect(violationsOf({ networking: { address: 'a', inbound: [inbound] }, metrics })).toEqual(expected);
  });

  it('asks for networking', () => {
    expect(violationsOf({})).toEqual([['networking', 'must be defined']]);
  });
});
