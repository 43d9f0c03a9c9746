import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../../spec.case.ts';
import { meshExternalServiceType } from './type.ts';

const match = { port: 443 };
const noAddress = 'address has to be a valid IP or hostname';

function endpoint(address: string): object {
  return { match, endpoints: [{ address, port: 1 }] };
}

function verification(members: object): object {
  return { match, tls: { verification: members } };
}

describe('a MeshExternalService', () => {
  it.each([
    { match },
    { match: { type: null, port: 1, protocol: null } },
    { match, endpoints: [] },
    { match, tls: {} },
    { match, tls: { enabled: null, version: {}, verification: {} } },
    { match, tls: { version: { min: 'TLS12', max: 'TLS12' } } },
    { match, tls: { version: { min: 'TLS13', max: 'TLSAuto' } } },
    verification({ clientCert: { secret: 'a' }, clientKey: { inlineString: 'b' } }),
    verification({ caCert: { inline: 'YWJj', secret: 'y' } }),
    verification({
      serverName: 'a.example',
      subjectAltNames: [{ value: 'x' }, { type: 'Prefix', value: '' }],
    }),
    {
      match,
      extension: { type: 'x', config: { a: [1, null] } },
      endpoints: [{ address: 'not valid', port: 1 }],
      tls: { version: { min: 'TLS13', max: 'TLS12' } },
    },
    ...['::1', '1.2.3.4', 'pay.example', 'a_b.c', 'x.', 'a-.b', '_a.com', 'A.COM', '256.1.1.1'].map(endpoint),
  ])('may be %j', (spec) => {
    expect(verdict(meshExternalServiceType, spec)).toEqual([]);
  });

  it.each<readonly [object, readonly (readonly [string, string])[]]>([
    [{}, [['spec.match', 'in body is required']]],
    [{ match: {} }, [['spec.match.port', 'in body is required']]],
    [{ match: { port: 0 } }, [['spec.match.port', 'in body should be greater than or equal to 1']]],
    [{ match: { port: 65_536 } }, [['spec.match.port', 'in body should be less than or equal to 65535']]],
    [{ match: { port: 1.5 } }, [['spec.match.port', 'in body must be of type int32: "float64"']]],
    [
      { match: { port: 1, protocol: 'kafka' } },
      [['spec.match.protocol', 'in body should be one of [tcp grpc http http2]']],
    ],
    [
      { match: { type: 'Star', port: 1 } },
      [['spec.match.type', 'in body should be one of [HostnameGenerator]']],
    ],
    [endpoint(''), [['spec.endpoints[0].address', 'in body should be at least 1 chars long']]],
    ...['unix:///x', 'a b', 'a..b', '-a', 'x'.repeat(64), 'fe80::1%eth0', '[::1]', 'ü.de', '*.com'].map(
      (address) => [endpoint(address), [['spec.endpoints[0].address', noAddress]]] as const,
    ),
    [
      { match, endpoints: [{ address: 'a', port: 0 }] },
      [['spec.endpoints[0].port', 'in body should be greater than or equal to 1']],
    ],
    [
      { match, tls: { version: { min: 'TLS13', max: 'TLS12' } } },
      [['spec.tls.version.min', 'min version must be lower than max']],
    ],
    [
      { match, tls: { version: { min: 'TLS9' } } },
      [['spec.tls.version.min', 'in body should be one of [TLSAuto TLS10 TLS11 TLS12 TLS13]']],
    ],
    [
      verification({ mode: 'None' }),
      [['spec.tls.verification.mode', 'in body should be one of [SkipSAN SkipCA Secured SkipAll]']],
    ],
    [verification({ serverName: '' }), [['spec.tls.verification.serverName', 'must be a valid DNS name']]],
    [
      verification({ subjectAltNames: [{}] }),
      [['spec.tls.verification.subjectAltNames[0].value', 'in body is required']],
    ],
    [
      verification({ clientCert: { secret: 'a' } }),
      [['spec.tls.verification.clientKey', 'must be defined when clientCert is defined']],
    ],
    [
      verification({ clientKey: { secret: 'a' } }),
      [['spec.tls.verification.clientCert', 'must be defined when clientKey is defined']],
    ],
    ...['###', 'YW', '', 'Y\nWJj'].map(
      (inline) =>
        [
          verification({ caCert: { inline } }),
          [
            [
              'spec.tls.verification.caCert.inline',
              `in body must be of type byte: ${JSON.stringify(inline)}`,
            ],
          ],
        ] as const,
    ),
    [
      verification({ caCert: { inline: 5 } }),
      [['spec.tls.verification.caCert.inline', 'in body must be of type byte: "float64"']],
    ],
    [{ match, extension: { type: '' } }, [['spec.extension.type', 'must not be empty']]],
    [{ match, extension: {} }, [['spec.extension.type', 'in body is required']]],
    [{ match, tls: null }, [['spec.tls', 'in body must be of type object: "null"']]],
    [
      { match, tls: { allowRenegotiation: 'yes' } },
      [['spec.tls.allowRenegotiation', 'in body must be of type boolean: "string"']],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshExternalServiceType, spec)).toEqual(expected);
  });

  it('is stored with its defaults', () => {
    const spec = {
      match,
      endpoints: [{ address: 'a', port: 1, shade: 'blue' }],
      tls: { version: {}, verification: { subjectAltNames: [{ value: 'x' }] } },
    };
    expect(parse(meshExternalServiceType, spec)).toStrictEqual({
      match: { type: 'HostnameGenerator', port: 443, protocol: 'tcp' },
      endpoints: [{ address: 'a', port: 1 }],
      tls: {
        enabled: false,
        version: { min: 'TLSAuto', max: 'TLSAuto' },
        allowRenegotiation: false,
        verification: { mode: 'Secured', subjectAltNames: [{ type: 'Exact', value: 'x' }] },
      },
    });
  });
});
