import { describe, expect, it } from 'vitest';
import { flatSpec, flatVerdict, type Verdict } from '../flat-document.case.ts';
import { externalServiceType } from './external-service.ts';

const tags = { 'kuma.io/service': 'httpbin' };
const address = 'httpbin.org:443';
const noHost = 'address has to be a valid IP address or a domain name';
const noPort = 'unable to parse port in address';
const range = 'port must be in the range [1, 65535]';

function addressVerdict(...messages: readonly string[]): Verdict {
  return messages.map((message) => ['networking.address', message] as const);
}

describe('an ExternalService', () => {
  it.each<readonly [string, Verdict]>([
    ['httpbin.org:443', []],
    ['10.0.0.1:80', []],
    ['[::1]:0080', []],
    ['', addressVerdict("address can't be empty")],
    ['httpbin.org', addressVerdict('unable to parse address', noHost, noPort, range)],
    ['::1:80', addressVerdict('unable to parse address', noHost, noPort, range)],
    [':80', addressVerdict(noHost)],
    ['a b:80', addressVerdict(noHost)],
    ['a:', addressVerdict(noPort, range)],
    ['a:+80', addressVerdict(noPort, range)],
    ['a:0', addressVerdict(range)],
    ['a:65536', addressVerdict(range)],
    ['a:4294967295', addressVerdict(range)],
    ['a:4294967296', addressVerdict(noPort, range)],
  ])('at %j', (given, expected) => {
    expect(flatVerdict(externalServiceType, { networking: { address: given }, tags })).toEqual(expected);
  });

  it.each<readonly [object, Verdict]>([
    [
      {},
      [
        ['networking', 'should have networking'],
        ['tags', 'mandatory tag "kuma.io/service" is missing'],
      ],
    ],
    [
      { networking: { address }, tags: { ...tags, 'kuma.io/protocol': 'smtp' } },
      [
        [
          'tags["kuma.io/protocol"]',
          'tag "kuma.io/protocol" has an invalid value "smtp". Allowed values: grpc, http, http2, kafka, tcp',
        ],
      ],
    ],
    [
      { networking: { address }, tags: { 'kuma.io/service': 'httpbin.org' } },
      [['tags["kuma.io/service"]', 'cannot be the same as networking.address']],
    ],
    [
      {
        networking: {
          address,
          tls: { serverName: '', caCert: {}, clientCert: { inline: '' }, clientKey: { secret: '' } },
        },
        tags,
      },
      [
        ['networking.tls.serverName', 'cannot be empty'],
        ['networking.tls.caCert', 'data source cannot be empty'],
        ['networking.tls.clientCert', 'data source cannot be empty'],
        ['networking.tls.clientKey', 'data source cannot be empty'],
      ],
    ],
    [{ networking: { address, tls: { caCert: { inlineString: 'a' } } }, tags }, []],
  ])('with %j', (fields, expected) => {
    expect(flatVerdict(externalServiceType, fields)).toEqual(expected);
  });

  it('keeps the last of several sources', () => {
    const tls = { ca_cert: { secret: 'a', inlineString: 'b' }, enabled: false, server_name: 'c' };
    expect(flatSpec(externalServiceType, { networking: { address, tls }, tags })).toEqual({
      networking: { address, tls: { caCert: { inlineString: 'b' }, serverName: 'c' } },
      tags,
    });
  });
});
