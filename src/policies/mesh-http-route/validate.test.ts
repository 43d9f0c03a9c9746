import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshHttpRouteType } from './type.ts';

const service = { kind: 'MeshService', name: 'shop' };
const gateway = { kind: 'MeshGateway', name: 'g' };
const prefix = { path: { type: 'PathPrefix', value: '/a' } };
const exact = { path: { type: 'Exact', value: '/a' } };
const rule = 'spec.to[0].rules[0]';
const match = `${rule}.matches[0]`;
const filter = `${rule}.default.filters[0]`;

function route(conf: unknown, matches: unknown = [prefix], more: object = {}): object {
  return { to: [{ targetRef: service, rules: [{ matches, default: conf }], ...more }] };
}

function gatewayRoute(conf: unknown, more: object = {}): object {
  return { targetRef: gateway, ...route(conf, [prefix], { targetRef: { kind: 'Mesh' }, ...more }) };
}

function filters(...list: readonly object[]): object {
  return { filters: list };
}

function modifier(requestHeaderModifier: object): object {
  return filters({ type: 'RequestHeaderModifier', requestHeaderModifier });
}

function redirect(requestRedirect: object): object {
  return filters({ type: 'RequestRedirect', requestRedirect });
}

function rewrite(urlRewrite: object): object {
  return filters({ type: 'URLRewrite', urlRewrite });
}

function mirror(backendRef: object, more: object = {}): object {
  return filters({ type: 'RequestMirror', requestMirror: { backendRef, ...more } });
}

const header = (name: string) => ({ name, value: 'x' });
const hostPattern =
  "in body should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'";

describe('a MeshHTTPRoute', () => {
  it.each([
    [{}],
    [{ to: [] }],
    [{ to: [{ targetRef: service, rules: [] }] }],
    [route({}, [{}, exact, { method: 'GET' }])],
    [
      route({}, [
        { path: { type: 'PathPrefix', value: '/' } },
        { path: { type: 'RegularExpression', value: 'a/' } },
      ]),
    ],
    [route({}, [{ queryParams: [{ type: 'Exact', name: 'a', value: '' }] }])],
    [
      route({}, [
        {
          headers: [
            { name: 'a', type: 'Absent' },
            { name: 'a', type: 'Present', value: '' },
          ],
        },
      ]),
    ],
    [route({ backendRefs: [] }, [prefix], { hostnames: [] })],
    [
      route({
        backendRefs: [
          { ...service, weight: 0, port: 0 },
          { kind: 'MeshServiceSubset', name: 'a', tags: { version: 'v1' } },
          { kind: 'MeshExternalService', name: 'a' },
          { kind: 'MeshMultiZoneService', name: 'a', port: 80 },
          { kind: 'MeshService', name: 'kuma.io/unresolved-backend' },
        ],
      }),
    ],
    [route(redirect({ hostname: '1.2.3' }))],
    [route(redirect({ hostname: '1.2.3.256', scheme: 'https', port: 65535, statusCode: 308 }))],
    [route(redirect({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/b' } }))],
    [route(rewrite({ path: { type: 'ReplaceFullPath', replaceFullPath: '' } }), [exact])],
    [route(rewrite({ hostToBackendHostname: false, hostname: 'a.b' }))],
    [route(modifier({ set: [], add: [header('a')], remove: ['b', 'C'] }))],
    [route(mirror(service, { percentage: '0.5' }))],
    [route(mirror({ kind: 'MeshServiceSubset', name: 'a' }, { percentage: null }))],
    // Only the member that the type names is looked at.
    [route(filters({ type: 'URLRewrite', urlRewrite: {}, requestRedirect: { hostname: '1.2.3.4' } }))],
    [gatewayRoute({ backendRefs: [service] }, { hostnames: ['a.b'] })],
    [gatewayRoute(redirect({}))],
    [gatewayRoute({ ...rewrite({ hostToBackendHostname: true }), backendRefs: [service] })],
    [{ targetRef: { ...gateway, tags: { port: 'http' } }, to: [] }],
  ])('may be %j', (spec) => {
    expect(verdict(meshHttpRouteType, spec)).toEqual([]);
  });

  it.each([
    [
      { targetRef: { kind: 'MeshHTTPRoute', name: 'r' } },
      'spec.targetRef.kind',
      "value 'MeshHTTPRoute' is not supported",
    ],
    [
      { targetRef: { kind: 'Dataplane', sectionName: 'http' } },
      'spec.targetRef.sectionName',
      'can only be used with inbound policies',
    ],
    [
      route({}, [prefix], { targetRef: { kind: 'Mesh' } }),
      'spec.to[0].targetRef.kind',
      "value 'Mesh' is not supported",
    ],
    [
      gatewayRoute({ backendRefs: [service] }, { targetRef: service }),
      'spec.to[0].targetRef.kind',
      "value 'MeshService' is not supported",
    ],
    [route({}, [prefix], { hostnames: ['a.b'] }), 'spec.to[0].hostnames', 'must not be defined'],
    [gatewayRoute({}), `${rule}.default.backendRefs`, 'must not be empty'],
    [gatewayRoute(modifier({ add: [] })), `${rule}.default.backendRefs`, 'must not be empty'],
    [route({}, [{ path: { type: 'Exact', value: 'a' } }]), `${match}.path.value`, 'must be an absolute path'],
    [
      route({}, [{ path: { type: 'PathPrefix', value: '/a/' } }]),
      `${match}.path.value`,
      'does not need a trailing slash because only a `/`-separated prefix or an entire path is matched',
    ],
    [
      route({}, [{ queryParams: ['a', 'b', 'a'].map((name) => ({ type: 'Exact', ...header(name) })) }]),
      `${match}.queryParams[2].name`,
      'multiple entries for name a',
    ],
    [
      route({}, [{ headers: [{ type: 'Absent', ...header('a') }] }]),
      `${match}.headers[0].value`,
      'must not be defined',
    ],
    [
      route(modifier({})),
      `${filter}.requestHeaderModifier`,
      'must have at least one defined: set, add, remove',
    ],
    [
      route(filters({ type: 'ResponseHeaderModifier' })),
      `${filter}.responseHeaderModifier`,
      'must be defined',
    ],
    [
      route(redirect({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } }), [prefix, {}]),
      `${filter}.requestRedirect.path.replacePrefixMatch`,
      'can only appear if all matches match a path prefix',
    ],
    [
      route(rewrite({ path: { type: 'ReplaceFullPath', replaceFullPath: '/', replacePrefixMatch: '/' } }), [
        exact,
      ]),
      `${filter}.urlRewrite.path.replacePrefixMatch`,
      'can only appear if all matches match a path prefix',
    ],
    [
      route(redirect({ path: { type: 'ReplaceFullPath' } })),
      `${filter}.requestRedirect.path.replaceFullPath`,
      'must be defined',
    ],
    [
      route(rewrite({ path: { type: 'ReplacePrefixMatch', replaceFullPath: '/' } })),
      `${filter}.urlRewrite.path.replacePrefixMatch`,
      'must be defined',
    ],
    [
      route(redirect({ hostname: '010.0.0.1' })),
      `${filter}.requestRedirect.hostname`,
      'cannot be an IP address',
    ],
    [route(rewrite({ hostname: '255.0.0.1' })), `${filter}.urlRewrite.hostname`, 'cannot be an IP address'],
    [
      gatewayRoute({ ...rewrite({ hostToBackendHostname: true, hostname: 'a' }), backendRefs: [service] }),
      `${filter}.urlRewrite.hostToBackendHostname`,
      'cannot be set together with hostname',
    ],
    [
      route(mirror({ kind: 'MeshMultiZoneService', name: 'a' })),
      `${filter}.requestMirror.backendRef.kind`,
      "value 'MeshMultiZoneService' is not supported",
    ],
    [
      route(mirror({ kind: 'MeshService', name: 'kuma.io/unresolved-backend' })),
      `${filter}.requestMirror.backendRef.name`,
      "invalid characters: must consist of lower case alphanumeric characters, '-', '.' and '_'.",
    ],
    [
      route(mirror(service, { percentage: 'half' })),
      `${filter}.requestMirror.percentage`,
      'string must be a valid number',
    ],
    [
      route({ backendRefs: [{ kind: 'MeshGateway', name: 'g' }] }),
      `${rule}.default.backendRefs[0].kind`,
      "value 'MeshGateway' is not supported",
    ],
    [
      route({ backendRefs: [{ kind: 'MeshMultiZoneService', name: 'a' }] }),
      `${rule}.default.backendRefs[0].port`,
      'must be defined with kind MeshMultiZoneService',
    ],
    // What the schema says.
    [{ to: [{ targetRef: service }] }, 'spec.to[0].rules', 'in body is required'],
    [route({}, []), `${rule}.matches`, 'in body should have at least 1 items'],
    [route({}, 'x'), `${rule}.matches`, 'in body must be of type array: "string"'],
    [route(undefined), `${rule}.default`, 'in body is required'],
    [
      route({}, [{ path: { type: 'Exact', value: '' } }]),
      `${match}.path.value`,
      'in body should be at least 1 chars long',
    ],
    [
      route({}, [{ path: { type: 'Suffix', value: 'a' } }]),
      `${match}.path.type`,
      'in body should be one of [Exact PathPrefix RegularExpression]',
    ],
    [
      route({}, [{ method: 'BREW' }]),
      `${match}.method`,
      'in body should be one of [CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE]',
    ],
    [
      route({}, [{ queryParams: [{ type: 'Prefix', ...header('a') }] }]),
      `${match}.queryParams[0].type`,
      'in body should be one of [Exact RegularExpression]',
    ],
    [
      route({}, [{ queryParams: [{ type: 'Exact', name: '', value: 'a' }] }]),
      `${match}.queryParams[0].name`,
      'in body should be at least 1 chars long',
    ],
    [
      route({}, [{ queryParams: [{ type: 'Exact', name: 'a' }] }]),
      `${match}.queryParams[0].value`,
      'in body is required',
    ],
    [
      route(filters({ type: 'Teapot' })),
      `${filter}.type`,
      'in body should be one of [RequestHeaderModifier ResponseHeaderModifier RequestRedirect URLRewrite RequestMirror]',
    ],
    [
      route(modifier({ remove: Array.from({ length: 17 }, (_, position) => `h${position}`) })),
      `${filter}.requestHeaderModifier.remove`,
      'in body should have at most 16 items',
    ],
    [
      route(redirect({ scheme: 'ftp' })),
      `${filter}.requestRedirect.scheme`,
      'in body should be one of [http https]',
    ],
    [
      route(redirect({ hostname: '' })),
      `${filter}.requestRedirect.hostname`,
      'in body should be at least 1 chars long',
    ],
    [
      route(redirect({ hostname: 'a'.repeat(254) })),
      `${filter}.requestRedirect.hostname`,
      'in body should be at most 253 chars long',
    ],
    [route(rewrite({ hostname: 'a..b' })), `${filter}.urlRewrite.hostname`, hostPattern],
    [
      route(redirect({ port: 0 })),
      `${filter}.requestRedirect.port`,
      'in body should be greater than or equal to 1',
    ],
    [
      route(redirect({ port: 65536 })),
      `${filter}.requestRedirect.port`,
      'in body should be less than or equal to 65535',
    ],
    [
      route(redirect({ port: 1.5 })),
      `${filter}.requestRedirect.port`,
      'in body must be of type int32: "float64"',
    ],
    [
      route(redirect({ statusCode: 200 })),
      `${filter}.requestRedirect.statusCode`,
      'in body should be one of [301 302 303 307 308]',
    ],
    [
      route(redirect({ statusCode: 302.5 })),
      `${filter}.requestRedirect.statusCode`,
      'in body must be of type integer: "number"',
    ],
    [route(rewrite({ path: {} })), `${filter}.urlRewrite.path.type`, 'in body is required'],
    [
      route(filters({ type: 'RequestMirror', requestMirror: {} })),
      `${filter}.requestMirror.backendRef`,
      'in body is required',
    ],
    [
      route({ backendRefs: [{ ...service, weight: -1 }] }),
      `${rule}.default.backendRefs[0].weight`,
      'in body should be greater than or equal to 0',
    ],
    [
      route({ backendRefs: [{ ...service, weight: 0.5 }] }),
      `${rule}.default.backendRefs[0].weight`,
      'in body must be of type integer: "number"',
    ],
    [
      route({ backendRefs: [{ ...service, weight: true }] }),
      `${rule}.default.backendRefs[0].weight`,
      'in body must be of type integer: "boolean"',
    ],
  ])('is refused as %j at %s', (spec, field, message) => {
    expect(verdict(meshHttpRouteType, spec)).toEqual([[field, message]]);
  });

  it('hears of all that is wrong, in the order of the reference', () => {
    const path = 'spec.to[0].rules[0]';
    const headers = { set: [header('a')], add: [header('a'), header('b')], remove: ['b', 'a'] };
    const conf = {
      filters: [
        { type: 'RequestHeaderModifier', requestHeaderModifier: headers },
        { type: 'RequestMirror' },
        { type: 'URLRewrite', urlRewrite: { hostToBackendHostname: true, hostname: 'a' } },
      ],
      backendRefs: [{ kind: 'Mesh' }],
    };
    const spec = {
      targetRef: { kind: 'Mesh', name: 'x' },
      ...route(conf, [{ path: { type: 'PathPrefix', value: 'a/' } }], { hostnames: ['*'] }),
    };
    expect(verdict(meshHttpRouteType, spec)).toEqual([
      ['spec.targetRef.name', 'using name with kind Mesh is not yet supported'],
      [
        `${path}.matches[0].path.value`,
        'does not need a trailing slash because only a `/`-separated prefix or an entire path is matched',
      ],
      [`${path}.matches[0].path.value`, 'must be an absolute path'],
      [`${path}.default.filters[0].requestHeaderModifier.add[0].name`, 'duplicate header name'],
      [`${path}.default.filters[0].requestHeaderModifier.remove[0].name`, 'duplicate header name'],
      [`${path}.default.filters[0].requestHeaderModifier.remove[1].name`, 'duplicate header name'],
      [`${path}.default.filters[1].requestMirror`, 'must be defined'],
      [`${path}.default.filters[2].urlRewrite.hostToBackendHostname`, 'can only be set with MeshGateway'],
      [`${path}.default.filters[2].urlRewrite.hostToBackendHostname`, 'cannot be set together with hostname'],
      [`${path}.default.backendRefs[0].kind`, "value 'Mesh' is not supported"],
      ['spec.to[0].hostnames', 'must not be defined'],
    ]);
  });

  it.each(['302', true, {}])('is told twice of a status code that is %j', (statusCode) => {
    const path = `${filter}.requestRedirect.statusCode`;
    expect(verdict(meshHttpRouteType, route(redirect({ statusCode })))).toEqual([
      [path, `in body must be of type integer: "${typeof statusCode}"`],
      [path, 'in body should be one of [301 302 303 307 308]'],
    ]);
  });

  it('tells of headers of a list that is too long, too', () => {
    const list = Array.from({ length: 17 }, (_, position) => header(position === 3 ? 'A' : 'a'));
    const path = `${filter}.requestHeaderModifier.set`;
    expect(verdict(meshHttpRouteType, route(modifier({ set: list })))).toEqual([
      [`${path}[3].name`, "in body should match '^[a-z0-9!#$%&'*+\\-.^_\\x60|~]+$'"],
      [path, 'in body should have at most 16 items'],
    ]);
  });

  it.each([-1, 4_294_967_296])('cannot be read with the port %i of a backend', (port) => {
    expect(verdict(meshHttpRouteType, route({ backendRefs: [{ ...service, port }] }))).toBe(
      `invalid MeshHTTPRoute object: "json: cannot unmarshal number ${port} into Go value of type uint32"`,
    );
  });

  it('is stored with the defaults of its schema', () => {
    const backendRefs = [service, { ...service, weight: null }];
    const given = route(
      {
        filters: [
          { type: 'RequestRedirect', requestRedirect: {} },
          { type: 'RequestMirror', requestMirror: { backendRef: service, percentage: null } },
        ],
        backendRefs,
      },
      [{ headers: [{ name: 'a', value: '' }, header('b')] }],
      { shade: 'blue' },
    );
    const weighed = { ...service, weight: 1 };
    expect(parse(meshHttpRouteType, given)).toStrictEqual(
      route(
        {
          filters: [
            { type: 'RequestRedirect', requestRedirect: { statusCode: 302 } },
            { type: 'RequestMirror', requestMirror: { backendRef: weighed } },
          ],
          backendRefs: [weighed, weighed],
        },
        [
          {
            headers: [
              { type: 'Exact', name: 'a' },
              { type: 'Exact', ...header('b') },
            ],
          },
        ],
      ),
    );
  });

  it.each([
    [
      { targetRef: { kind: 'MeshSubset' }, to: [] },
      ["MeshSubset value for 'targetRef.kind' is deprecated, use Dataplane with labels instead"],
    ],
    [
      route({}, [
        {
          path: { type: 'RegularExpression', value: '[' },
          headers: [{ name: 'a', type: 'Prefix', value: '[' }],
        },
        {
          queryParams: [{ type: 'RegularExpression', name: 'q', value: '(' }],
          headers: [
            { name: 'a', type: 'RegularExpression', value: 'a' },
            { name: 'b', type: 'RegularExpression', value: '(?=a)' },
          ],
        },
      ]),
      ['[0].path.value', '[1].queryParams[0].value', '[1].headers[1].value'].map(
        (path) => `'spec.to[0].rules[0].matches${path}' must be a regular expression of RE2.`,
      ),
    ],
    [route({}), []],
  ])('as %j is warned of: %j', (spec, warnings) => {
    expect(meshHttpRouteType.deprecations?.(parse(meshHttpRouteType, spec), 'x')).toEqual(warnings);
  });
});
