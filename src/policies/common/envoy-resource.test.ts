import { describe, expect, it } from 'vitest';
import { createEnvoyResourceCheck, type EnvoyResourceKind } from './envoy-resource.ts';

function problem(kind: EnvoyResourceKind, resource: unknown, extent: 'whole' | 'part' = 'whole') {
  const text = typeof resource === 'string' ? resource : JSON.stringify(resource);
  return createEnvoyResourceCheck()(kind, text, extent);
}

const lua = 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua';
const embedded = 'embedded message failed validation | caused by: invalid';

function quicKeepAlive(initialInterval: string): object {
  const quicProtocolOptions = { connectionKeepalive: { initialInterval } };
  return { udpListenerConfig: { quicOptions: { quicProtocolOptions } } };
}

describe('an Envoy resource', () => {
  it.each<readonly [EnvoyResourceKind, unknown]>([
    ['cluster', 'name: a'],
    ['cluster', 'name: yes-no\nrespectDnsTtl: yes\nperConnectionBufferLimitBytes: 0x10\nconnectTimeout: 5s'],
    ['cluster', 'name: 2020-01-01'],
    ['cluster', 'name: a\nname: b'],
    ['cluster', 'base: &base { name: a }\n<<: *base'],
    ['cluster', { name: 'a', type: 'EDS', lbPolicy: 0, edsClusterConfig: {}, hue: 'blue' }],
    ['cluster', { name: 'a', connect_timeout: '1.5s', connectTimeout: null }],
    ['cluster', { name: 'a', circuitBreakers: { thresholds: [{ maxConnections: '5', maxRetries: 1.0 }] } }],
    ['cluster', { name: 'a', metadata: { filterMetadata: { b: { c: [null, 1, 'd', {}, true] } } } }],
    [
      'cluster',
      {
        name: 'a',
        healthChecks: [
          { timeout: '1s', interval: '1s', unhealthyThreshold: 1, healthyThreshold: 1, tcpHealthCheck: {} },
        ],
      },
    ],
    [
      'cluster',
      { name: 'a', typedExtensionProtocolOptions: { b: { '@type': 'x/envoy.newer.v4.Thing', c: 1 } } },
    ],
    ['listener', quicKeepAlive('0.001s')],
    ['listener', quicKeepAlive('0s')],
    ['cluster', { name: 'a', commonLbConfig: { healthyPanicThreshold: { value: 100 } } }],
    ['listener', {}],
    ['listener', { filterChains: [{ filterChainMatch: { sourcePorts: [1, 65_535] } }] }],
    [
      'networkFilter',
      { name: 'a', typedConfig: { '@type': 'type.googleapis.com/google.protobuf.Struct', value: {} } },
    ],
    [
      'httpFilter',
      {
        name: 'a',
        typedConfig: { '@type': lua, inlineCode: 'x()', defaultSourceCode: { inlineBytes: 'YQ==' } },
      },
    ],
    ['httpFilter', { name: 'a', configDiscovery: { configSource: {}, typeUrls: ['b'] } }],
    [
      'virtualHost',
      { name: 'a', domains: ['*'], routes: [{ match: { prefix: '/' }, directResponse: { status: 404 } }] },
    ],
    [
      'virtualHost',
      { name: 'a', domains: ['*'], requestHeadersToAdd: [{ header: { key: 'b', value: 'c' } }] },
    ],
  ])('may be, as a %s, %j', (kind, resource) => {
    expect(problem(kind, resource)).toBeUndefined();
  });

  it.each<readonly [EnvoyResourceKind, unknown, string]>([
    // Text that is neither YAML nor JSON, or no object.
    ['cluster', '', 'invalid Cluster.Name: value length must be at least 1 runes'],
    ['cluster', 'a', 'json: cannot unmarshal string into Go value of type map[string]json.RawMessage'],
    ['cluster', '[]', 'json: cannot unmarshal array into Go value of type map[string]json.RawMessage'],
    ['cluster', 'name: [a', "invalid character 'a' in literal null (expecting 'u')"],
    ['cluster', '{ name: a', "invalid character 'n' looking for beginning of object key string"],
    ['cluster', '{"name": "a"', 'unexpected EOF'],
    ['cluster', '@a', "invalid character '@' looking for beginning of value"],
    // Values of another type.
    ['cluster', { name: 5 }, 'json: cannot unmarshal number into Go value of type string'],
    ['cluster', { respectDnsTtl: 'true' }, 'json: cannot unmarshal string into Go value of type bool'],
    ['cluster', { connectTimeout: 'fast' }, 'bad Duration: time: invalid duration "fast"'],
    [
      'cluster',
      { connectTimeout: { seconds: 5 } },
      'json: cannot unmarshal object into Go value of type string',
    ],
    [
      'cluster',
      { type: 'NOPE' },
      'unknown value "\\"NOPE\\"" for enum envoy.config.cluster.v3.Cluster.DiscoveryType',
    ],
    ['cluster', { type: true }, 'json: cannot unmarshal bool into Go value of type protoreflect.EnumNumber'],
    [
      'cluster',
      { perConnectionBufferLimitBytes: -1 },
      'json: cannot unmarshal number -1 into Go value of type uint32',
    ],
    [
      'cluster',
      { perConnectionBufferLimitBytes: 1.5 },
      'json: cannot unmarshal number 1.5 into Go value of type uint32',
    ],
    ['cluster', { perConnectionBufferLimitBytes: '5s' }, "invalid character 's' after top-level value"],
    ['cluster', { perConnectionBufferLimitBytes: '' }, 'unexpected end of JSON input'],
    [
      'cluster',
      { healthChecks: {} },
      'json: cannot unmarshal object into Go value of type []json.RawMessage',
    ],
    [
      'cluster',
      { metadata: { filterMetadata: { a: 1 } } },
      'bad StructValue: json: cannot unmarshal number into Go value of type map[string]json.RawMessage',
    ],
    ['listener', { socketOptions: [{ bufValue: 'a*' }] }, 'illegal base64 data at input byte 1'],
    ['listener', { socketOptions: [{ bufValue: 'abc' }] }, 'illegal base64 data at input byte 0'],
    ['cluster', { perConnectionBufferLimitBytes: 'nul' }, 'unexpected end of JSON input'],
    ['cluster', { perConnectionBufferLimitBytes: '{' }, 'unexpected end of JSON input'],
    [
      'cluster',
      { perConnectionBufferLimitBytes: '\\' },
      "invalid character '\\\\' looking for beginning of value",
    ],
    [
      'cluster',
      { perConnectionBufferLimitBytes: 'é' },
      "invalid character 'Ã' looking for beginning of value",
    ],
    // What stands in an Any.
    ['httpFilter', { typedConfig: {} }, "Any JSON doesn't have '@type'"],
    ['httpFilter', { typedConfig: { '@type': 5 } }, "can't unmarshal Any's '@type': \"5\""],
    ['httpFilter', { typedConfig: { '@type': 'a/b.C' } }, 'could not resolve Any message type: a/b.C'],
    [
      'httpFilter',
      { typedConfig: { '@type': lua, inlineCode: 5 } },
      `can't unmarshal Any nested proto ${lua}: json: cannot unmarshal number into Go value of type string`,
    ],
    [
      'httpFilter',
      { typedConfig: { '@type': 'a/google.protobuf.Duration' } },
      "Any JSON doesn't have 'value'",
    ],
    [
      'httpFilter',
      { typedConfig: { '@type': 'a/google.protobuf.Duration', value: 'x' } },
      'can\'t unmarshal Any nested proto a/google.protobuf.Duration: bad Duration: time: invalid duration "x"',
    ],
    // Rules beside the fields.
    [
      'virtualHost',
      { name: 'a', domains: ['*'], routes: [{ match: { prefix: '/' }, directResponse: { status: 600 } }] },
      `invalid VirtualHost.Routes[0]: ${embedded} Route.DirectResponse: ${embedded} DirectResponseAction.Status: value must be inside range [200, 600)`,
    ],
    [
      'cluster',
      { name: 'a', type: 99 },
      'invalid Cluster.Type: value must be one of the defined enum values',
    ],
    [
      'cluster',
      { name: 'a', connectTimeout: '0s' },
      'invalid Cluster.ConnectTimeout: value must be greater than 0s',
    ],
    [
      'cluster',
      { name: 'a', dnsRefreshRate: '1us' },
      'invalid Cluster.DnsRefreshRate: value must be greater than 1ms',
    ],
    ...['NaN', 101].map(
      (value) =>
        [
          'cluster' as const,
          { name: 'a', commonLbConfig: { healthyPanicThreshold: { value } } },
          `invalid Cluster.CommonLbConfig: ${embedded} Cluster_CommonLbConfig.HealthyPanicThreshold: ${embedded} Percent.Value: value must be inside range [0, 100]`,
        ] as const,
    ),
    [
      'cluster',
      { name: 'a', outlierDetection: { enforcingConsecutive5xx: 101 } },
      `invalid Cluster.OutlierDetection: ${embedded} OutlierDetection.EnforcingConsecutive_5Xx: value must be less than or equal to 100`,
    ],
    [
      'cluster',
      { name: 'a', transportSocketMatches: [{ name: '' }] },
      `invalid Cluster.TransportSocketMatches[0]: ${embedded} Cluster_TransportSocketMatch.Name: value length must be at least 1 runes`,
    ],
    [
      'cluster',
      { name: 'a', healthChecks: [{}] },
      `invalid Cluster.HealthChecks[0]: ${embedded} HealthCheck.Timeout: value is required`,
    ],
    [
      'cluster',
      { name: 'a', metadata: { filterMetadata: { '': {} } } },
      `invalid Cluster.Metadata: ${embedded} Metadata.FilterMetadata[]: value length must be at least 1 runes`,
    ],
    [
      'cluster',
      { name: 'a', http2ProtocolOptions: { customSettingsParameters: [{ value: 1 }] } },
      `invalid Cluster.Http2ProtocolOptions: ${embedded} Http2ProtocolOptions.CustomSettingsParameters[0]: ${embedded} Http2ProtocolOptions_SettingsParameter.Identifier: value is required and must not be nil.`,
    ],
    ['listener', { address: {} }, `invalid Listener.Address: ${embedded} Address.Address: value is required`],
    [
      'listener',
      { address: { socketAddress: { address: 'a', portValue: 65_536 } } },
      `invalid Listener.Address: ${embedded} Address.SocketAddress: ${embedded} SocketAddress.PortValue: value must be less than or equal to 65535`,
    ],
    [
      'listener',
      { filterChains: [{ filterChainMatch: { sourcePorts: [0] } }] },
      `invalid Listener.FilterChains[0]: ${embedded} FilterChain.FilterChainMatch: ${embedded} FilterChainMatch.SourcePorts[0]: value must be inside range [1, 65535]`,
    ],
    [
      'listener',
      {
        udpListenerConfig: {
          quicOptions: { quicProtocolOptions: { connectionKeepalive: { initialInterval: '0.0001s' } } },
        },
      },
      `invalid Listener.UdpListenerConfig: ${embedded} UdpListenerConfig.QuicOptions: ${embedded} QuicProtocolOptions.QuicProtocolOptions: ${embedded} QuicProtocolOptions.ConnectionKeepalive: ${embedded} QuicKeepAliveSettings.InitialInterval: value must be outside range (0s, 1ms)`,
    ],
    ['virtualHost', { name: 'a' }, 'invalid VirtualHost.Domains: value must contain at least 1 item(s)'],
    [
      'virtualHost',
      { name: 'a', domains: ['b\n'] },
      'invalid VirtualHost.Domains[0]: value does not match regex pattern "^[^\\x00\\n\\r]*$"',
    ],
    [
      'virtualHost',
      { name: 'a', domains: ['*'], routes: [{ match: {} }] },
      `invalid VirtualHost.Routes[0]: ${embedded} Route.Match: ${embedded} RouteMatch.PathSpecifier: value is required`,
    ],
    [
      'virtualHost',
      { name: 'a', domains: ['*'], requestHeadersToAdd: Array(1001).fill({ header: { key: 'b' } }) },
      'invalid VirtualHost.RequestHeadersToAdd: value must contain no more than 1000 item(s)',
    ],
    [
      'virtualHost',
      { name: 'a', domains: ['*'], virtualClusters: [{ name: '' }] },
      `invalid VirtualHost.VirtualClusters[0]: ${embedded} VirtualCluster.Name: value length must be at least 1 runes`,
    ],
  ])('is refused, as a %s, as %j', (kind, resource, expected) => {
    expect(problem(kind, resource)).toBe(expected);
  });

  it.each<readonly [unknown, string | undefined]>([
    [{}, undefined],
    ['', undefined],
    [{ connectTimeout: '-1s' }, undefined],
    [{ connectTimeout: 5 }, 'json: cannot unmarshal number into Go value of type string'],
  ])('may be in part %j: %s', (resource, expected) => {
    expect(problem('cluster', resource, 'part')).toBe(expected);
  });

  it('is bounded in depth and in the YAML of one policy', () => {
    const deep = `${'{"metadata":'.repeat(65)}1${'}'.repeat(65)}`;
    expect(problem('cluster', deep, 'part')).toBe('it nests too deep');
    const check = createEnvoyResourceCheck();
    const long = `name: ${'a'.repeat(20_000)}`;
    expect(check('cluster', long, 'whole')).toBeUndefined();
    expect(check('cluster', long, 'whole')).toBe(
      'YAML may have at most 32768 characters in all modifications; use JSON',
    );
    expect(check('cluster', JSON.stringify({ name: 'a'.repeat(100_000) }), 'whole')).toBeUndefined();
  });

  it('is no trap by the names of its members', () => {
    const text = '{"name": "a", "__proto__": { "type": "NOPE" }, "constructor": 5, "toString": {} }';
    expect(problem('cluster', text)).toBeUndefined();
    expect(problem('httpFilter', '{"name":"a","typedConfig":{"@type":"a/constructor"}}')).toBe(
      'could not resolve Any message type: a/constructor',
    );
  });
});
