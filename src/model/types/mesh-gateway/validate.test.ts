import { describe, expect, it } from 'vitest';
import { flatVerdict, type Verdict } from '../../flat-document.case.ts';
import { meshGatewayType } from './type.ts';

const selectors = [{ match: { 'kuma.io/service': 'edge' } }];
const empty = 'cannot be empty';
const first = 'conf.listeners[0]';

function verdict(...listeners: readonly object[]): Verdict {
  return flatVerdict(meshGatewayType, { selectors, conf: { listeners } });
}

function http(parts: object = {}) {
  return { port: 80, protocol: 'HTTP', ...parts };
}

function https(tls: unknown, parts: object = {}) {
  return { port: 443, protocol: 'HTTPS', ...parts, ...(tls === undefined ? {} : { tls }) };
}

const certificates = [{ secret: 'a' }];

describe('a MeshGateway', () => {
  it.each<readonly [object, Verdict]>([
    [
      {},
      [
        ['selectors', 'must have at least one element'],
        ['conf', empty],
      ],
    ],
    [{ selectors, conf: {} }, [['conf.listeners', empty]]],
    [
      { selectors: [{ match: { a: 'b' } }], conf: { listeners: [http()] } },
      [['selectors[0].match', 'mandatory tag "kuma.io/service" is missing']],
    ],
    [{ selectors: [...selectors, ...selectors], conf: { listeners: [http()] } }, []],
    [
      { selectors: [...selectors, ...selectors], conf: { listeners: [http({ crossMesh: true })] } },
      [['selectors[1]', 'there can be at most one selector']],
    ],
    [
      { selectors, tags: { 'kuma.io/service': 'a', b: 'c' }, conf: { listeners: [http()] } },
      [['tags["kuma.io/service"]', 'tag name must not be "kuma.io/service"']],
    ],
  ])('%j', (fields, expected) => {
    expect(flatVerdict(meshGatewayType, fields)).toEqual(expected);
  });
});

describe('a listener', () => {
  it.each<readonly [object, Verdict]>([
    [http({ hostname: '*', tags: { a: 'b' } }), []],
    [http({ hostname: '*.example.com' }), []],
    [http({ hostname: `a.${'b'.repeat(251)}` }), []],
    [http({ hostname: '*.' }), [[`${first}.hostname`, 'invalid wildcard domain']]],
    [http({ hostname: 'A' }), [[`${first}.hostname`, 'invalid hostname']]],
    [http({ hostname: `a.${'b'.repeat(252)}` }), [[`${first}.hostname`, 'must be at most 253 characters']]],
    [
      {},
      [
        [`${first}.port`, 'port must be in the range [1, 65535]'],
        [`${first}.protocol`, empty],
      ],
    ],
    [{ port: 1, protocol: 1 }, []],
    [
      http({
        tags: { 'kuma.io/protocol': 'http', 'kuma.io/zone': 'a', 'kuma.io/external-service-name': 'b' },
      }),
      ['kuma.io/external-service-name', 'kuma.io/protocol', 'kuma.io/zone'].map(
        (name) => [`${first}.tags["${name}"]`, `tag name must not be "${name}"`] as const,
      ),
    ],
    [https({ mode: 'TERMINATE', certificates: [...certificates, ...certificates] }), []],
    [https(undefined), [[`${first}.tls`, empty]]],
    [https({ certificates }), [[`${first}.tls.mode`, empty]]],
    [https({ mode: 'PASSTHROUGH' }), [[`${first}.tls.mode`, 'mode is not supported on HTTPS listeners']]],
    [{ port: 1, protocol: 'TLS', tls: { mode: 'PASSTHROUGH' } }, []],
    [
      https({ mode: 'TERMINATE' }),
      [[`${first}.tls.certificates`, 'cannot be empty in TLS termination mode']],
    ],
    [
      https({ mode: 'TERMINATE', certificates: [{}, {}, {}] }),
      [[`${first}.tls.certificates`, 'cannot have more than 2 certificates']],
    ],
    [http({ crossMesh: true, tls: {} }), []],
    [
      https({ certificates }, { crossMesh: true }),
      [
        [`${first}.protocol`, 'protocol is not supported with crossMesh'],
        [`${first}.tls`, 'must be empty with crossMesh'],
      ],
    ],
  ])('%j', (listener, expected) => {
    expect(verdict(listener)).toEqual(expected);
  });
});

describe('the listeners of one port', () => {
  const protocols = 'protocol conflicts with other listeners on this port';
  const hostnames = 'multiple listeners for hostname on this port';
  const limits = 'conflicting values for this port';
  const limit = (connectionLimit: number, hostname: string) =>
    http({ hostname, resources: { connectionLimit } });
  it.each<readonly [readonly object[], Verdict]>([
    [[http({ hostname: 'a' }), http({ hostname: 'b' }), http({ port: 81, hostname: 'a' })], []],
    [
      [http({ hostname: 'a' }), { port: 80, protocol: 'TCP' }],
      [
        ['conf.listeners[0]', protocols],
        ['conf.listeners[1]', protocols],
      ],
    ],
    [
      [http({ hostname: '*' }), http({ hostname: 'a' }), http()],
      [
        ['conf.listeners[0]', hostnames],
        ['conf.listeners[2]', hostnames],
      ],
    ],
    [[limit(1, 'a'), limit(1, 'b'), http({ hostname: 'c' })], []],
    [
      [limit(1, 'a'), http({ hostname: 'c' }), limit(2, 'b')],
      [
        ['conf.listeners[0].resources.connectionLimit', limits],
        ['conf.listeners[2].resources.connectionLimit', limits],
      ],
    ],
  ])('%j', (listeners, expected) => {
    expect(verdict(...listeners)).toEqual(expected);
  });
});
