import { describe, expect, it } from 'vitest';
import { flatSpec, flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { service } from '../common/legacy.case.ts';
import { meshGatewayRouteType } from './type.ts';

const selectors = [service('edge')];
const backend = { weight: 1, destination: { 'kuma.io/service': 'a' } };
const empty = 'cannot be empty';
const rule = 'conf.http.rules[0]';

function verdict(conf: unknown): Verdict {
  return flatVerdict(meshGatewayRouteType, { selectors, conf });
}

function ruleVerdict(parts: object): Verdict {
  const matches = [{ path: { match: 'PREFIX', value: '/' } }];
  return verdict({ http: { rules: [{ matches, backends: [backend], ...parts }] } });
}

describe('a MeshGatewayRoute', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, [['conf', empty]]],
    [{}, [['conf', empty]]],
    [{ tcp: {} }, []],
    [{ tcp: { rules: [{}] } }, []],
    [{ http: {} }, [['conf.http.rules', empty]]],
    [{ http: { rules: [{}] } }, [[`${rule}.matches`, empty]]],
  ])('with %j', (conf, expected) => {
    expect(verdict(conf)).toEqual(expected);
  });

  it('keeps the last of several routes and filters', () => {
    const filters = [
      { redirect: { statusCode: 302 }, rewrite: { replaceFull: '/', replacePrefixMatch: '' } },
    ];
    const rules = [
      { matches: [{ method: 'GET', path: { match: 1, value: '/' } }], filters, backends: [backend] },
    ];
    expect(flatSpec(meshGatewayRouteType, { selectors, conf: { http: { rules }, tcp: {} } }).conf).toEqual({
      http: {
        rules: [
          {
            matches: [{ path: { match: 'PREFIX', value: '/' }, method: 'GET' }],
            filters: [{ rewrite: { replacePrefixMatch: '' } }],
            backends: [backend],
          },
        ],
      },
    });
  });
});

describe('what a rule matches', () => {
  const match = `${rule}.matches[0]`;
  it.each<readonly [object, Verdict]>([
    [{ method: 'GET' }, []],
    [{ method: 'NONE' }, [[match, empty]]],
    [{ path: { value: '/a' } }, []],
    [{ path: {} }, [[`${match}.value`, 'must be an absolute path']]],
    [{ path: { match: 'PREFIX', value: 'a' } }, [[`${match}.value`, 'must be an absolute path']]],
    [{ path: { match: 'PREFIX', value: '/' } }, []],
    [{ path: { match: 'REGEX', value: 'a' } }, []],
    [{ path: { match: 'REGEX' } }, [[`${match}.value`, empty]]],
    [
      { headers: [{}, { match: 'ABSENT', name: 'a', value: 'b' }, { match: 'PRESENT', name: 'a' }] },
      [
        [`${match}.headers[0].name`, empty],
        [`${match}.headers[0].value`, empty],
        [`${match}.headers[1].value`, 'cannot be set'],
      ],
    ],
    [
      { queryParameters: [{ name: 'a', value: 'b' }, {}] },
      [
        [`${match}.query_parameters[1].name`, empty],
        [`${match}.query_parameters[1].value`, empty],
      ],
    ],
  ])('%j', (given, expected) => {
    expect(ruleVerdict({ matches: [given] })).toEqual(expected);
  });
});

describe('the filters of a rule', () => {
  const filter = `${rule}.filters[0]`;
  const hostRewrite = { rewrite: { hostToBackendHostname: true } };
  const noPrefix: Verdict = [
    [`${filter}.rewrite.replacePrefixMatch`, 'cannot be used without a match on path prefix'],
  ];
  it.each<readonly [object, Verdict]>([
    [{ filters: [{ requestHeader: {} }] }, [[`${filter}.request_header`, empty]]],
    [{ filters: [{ responseHeader: {} }] }, []],
    [
      { filters: [{ requestHeader: { set: [{ name: 'host' }], add: [{ value: 'b' }], remove: ['', 'a'] } }] },
      [
        [`${filter}.request_header.set[0].value`, empty],
        [`${filter}.request_header.add[0].name`, empty],
        [`${filter}.request_header.remove[0]`, empty],
      ],
    ],
    [
      { filters: [hostRewrite, { requestHeader: { set: [{ name: ':authority', value: 'a' }] } }] },
      [
        [
          `${filter}.request_header.set[0]`,
          "cannot modify ':authority' header, when route has set 'rewrite.host_to_backend_hostname' option",
        ],
      ],
    ],
    [
      { filters: [{ mirror: {} }] },
      [
        [`${filter}.mirror.percentage`, empty],
        [`${filter}.mirror.backend`, empty],
      ],
    ],
    [
      { filters: [{ mirror: { percentage: 101, backend: { destination: { a: 'b' } } } }] },
      [
        [`${filter}.mirror.percentage`, 'has to be in [0.0 - 100.0] range'],
        [`${filter}.mirror.backend`, 'mandatory tag "kuma.io/service" is missing'],
      ],
    ],
    [{ filters: [{ rewrite: { replacePrefixMatch: '/a' } }] }, []],
    [{ filters: [{ rewrite: { replacePrefixMatch: '' } }], matches: [{ method: 'GET' }] }, noPrefix],
    [{ filters: [{ redirect: { statusCode: 300, port: 65_535 } }], backends: [] }, []],
    [{ filters: [{ redirect: { statusCode: 308 } }], backends: [] }, []],
    [
      { filters: [{ redirect: { port: 65_536 } }] },
      [
        [`${filter}.redirect.port`, 'port must be in the range [1, 65535]'],
        [`${filter}.redirect.status_code`, 'must be in the range [300, 308]'],
        [`${rule}.backends`, 'must be empty when using redirect filters'],
      ],
    ],
    [
      { filters: [{ redirect: { statusCode: 302 } }, { responseHeader: {} }] },
      [[`${rule}.filters`, 'redirects cannot be used with other filters']],
    ],
    [{ backends: [] }, [[`${rule}.backends`, empty]]],
    [
      { backends: [{}] },
      [
        [`${rule}.backends[0]`, 'must have at least one tag'],
        [`${rule}.backends[0]`, 'mandatory tag "kuma.io/service" is missing'],
      ],
    ],
  ])('%j', (parts, expected) => {
    expect(ruleVerdict(parts)).toEqual(expected);
  });
});
