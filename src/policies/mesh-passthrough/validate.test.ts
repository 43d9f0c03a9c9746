import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshPassthroughType } from './type.ts';

const onePort =
  'using the same port in multiple matches requires the same protocol for the following protocols: [grpc http http2]';

function matches(...appendMatch: readonly unknown[]): object {
  return { default: { appendMatch } };
}

function domain(value: string, protocol: string, port?: number): object {
  return { type: 'Domain', value, protocol, ...(port === undefined ? {} : { port }) };
}

function address(type: string, value: string): object {
  return matches({ type, value, port: 80, protocol: 'tcp' });
}

function at(position: number, member: string): string {
  return `spec.default.appendMatch[${position}].${member}`;
}

describe('a MeshPassthrough', () => {
  it.each([
    [{}],
    [{ targetRef: { kind: 'Dataplane', name: 'a' }, default: { passthroughMode: 'None', appendMatch: [] } }],
    [matches(domain('a.example', 'tls', 443), domain('*.example', 'tls', 443), domain('b.example', 'http'))],
    [matches(domain('*', 'tls'))],
    [
      matches(
        domain('a.example', 'http', 80),
        domain('a.example', 'http', 81),
        domain('a.example', 'tls', 80),
      ),
    ],
    // The protocol that comes second counts.
    [matches(domain('a.example', 'http', 80), domain('b.example', 'tls', 80))],
    [matches({ type: 'IP', value: '192.0.2.1' }, { type: 'IP', value: '192.0.2.1' })],
    [address('IP', '2001:db8::1')],
    [address('CIDR', '192.0.2.0/24')],
    [address('CIDR', '2001:db8::/32')],
    [matches({ type: 'CIDR', value: '192.0.2.0/24', port: 3306, protocol: 'mysql' })],
  ])('may be %j', (spec) => {
    expect(verdict(meshPassthroughType, spec)).toEqual([]);
  });

  it.each([
    [
      { targetRef: { kind: 'MeshGateway', name: 'g' } },
      [['spec.targetRef.kind', "value 'MeshGateway' is not supported"]],
    ],
    [
      { targetRef: { kind: 'Dataplane', sectionName: 'http' } },
      [['spec.targetRef.sectionName', 'can only be used with inbound policies']],
    ],
    [address('IP', '192.0.2.0/24'), [[at(0, 'value'), 'provided IP has incorrect value']]],
    [address('IP', 'fe80::1%eth0'), [[at(0, 'value'), 'provided IP has incorrect value']]],
    [address('CIDR', '192.0.2.1'), [[at(0, 'value'), 'provided CIDR has incorrect value']]],
    [address('CIDR', '192.0.2.0/33'), [[at(0, 'value'), 'provided CIDR has incorrect value']]],
    [
      matches(domain('192.0.2.1', 'tls', 1), domain('-a-', 'tls', 2), domain('', 'tls', 3)),
      [0, 1, 2].map((position) => [at(position, 'value'), 'provided DNS has incorrect value']),
    ],
    [
      matches(domain('*a.example', 'tls', 443), domain('**', 'tls', 443)),
      [0, 1].map((position) => [
        at(position, 'value'),
        'provided DNS has incorrect value, partial wildcard is currently not supported',
      ]),
    ],
    [
      matches(domain('*.a', 'http'), domain('*.b', 'http2'), domain('*.c', 'grpc')),
      [0, 1, 2].map((position) => [
        at(position, 'port'),
        "wildcard domains doesn't work for all ports and layer 7 protocol",
      ]),
    ],
    [
      matches({ type: 'Domain', value: 'a.example' }, domain('b.example', 'mysql', 1)),
      [
        [at(0, 'protocol'), 'protocol tcp is not supported for a domain'],
        [at(1, 'protocol'), 'protocol mysql is not supported for a domain'],
      ],
    ],
    [
      matches({ type: 'IP', value: '192.0.2.1', protocol: 'mysql' }),
      [[at(0, 'port'), 'port must be defined for Mysql protocol']],
    ],
    [
      matches(domain('a.example', 'tls', 0), domain('b.example', 'tls', 65_536)),
      [0, 1].map((position) => [at(position, 'port'), 'port must be a valid (1-65535)']),
    ],
    [
      matches(
        domain('a.example', 'tls', 80),
        domain('b.example', 'http', 80),
        domain('c.example', 'grpc', 80),
      ),
      [
        [at(1, 'port'), onePort],
        [at(2, 'port'), onePort],
      ],
    ],
    [
      matches(domain('a.example', 'tls', 443), domain('a.example', 'tls', 443)),
      [[at(1, 'value'), 'value a.example is already defiend for this port and protocol']],
    ],
    [
      { default: { passthroughMode: 'Some', appendMatch: [{ type: 'Planet', protocol: 'udp', port: -1 }] } },
      [
        ['spec.default.passthroughMode', 'in body should be one of [All Matched None]'],
        [at(0, 'type'), 'in body should be one of [Domain IP CIDR]'],
        [at(0, 'value'), 'in body is required'],
        [at(0, 'protocol'), 'in body should be one of [tcp tls grpc http http2 mysql]'],
      ],
    ],
    [{ default: null }, [['spec.default', 'in body must be of type object: "null"']]],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshPassthroughType, spec)).toEqual(expected);
  });

  it('cannot be read with a port beyond its type', () => {
    expect(verdict(meshPassthroughType, matches(domain('a.example', 'tls', -1)))).toBe(
      'invalid MeshPassthrough object: "json: cannot unmarshal number -1 into Go value of type uint32"',
    );
  });

  it('is stored with its defaults', () => {
    expect(parse(meshPassthroughType, {})).toStrictEqual({ default: {} });
    expect(parse(meshPassthroughType, matches({ type: 'IP', value: '::1', protocol: null }))).toStrictEqual(
      matches({ type: 'IP', value: '::1', protocol: 'tcp' }),
    );
  });

  it('warns of nothing, as the reference', () => {
    expect(meshPassthroughType.deprecations).toBeUndefined();
  });
});
