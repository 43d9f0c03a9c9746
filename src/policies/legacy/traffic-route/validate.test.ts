import { describe, expect, it } from 'vitest';
import { flatSpec, flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { connection } from '../common/legacy.case.ts';
import { trafficRouteType } from './type.ts';

const destination = { 'kuma.io/service': 'a' };
const empty = 'cannot be empty';
const missing = 'mandatory tag "kuma.io/service" is missing';
const noTarget = 'requires either "destination" or "split"';
const noMatcher = 'cannot be empty. Available options: "exact", "split" or "regex"';
const noMatch = 'must be present and contain at least one of the elements: "method", "path" or "headers"';
const forbiddenHeader = 'host header and HTTP/2 pseudo-headers are not allowed to be modified';

function verdict(conf: unknown): Verdict {
  return flatVerdict(trafficRouteType, { ...connection, conf });
}

function route(http: object): Verdict {
  return verdict({ destination, http: [{ match: { path: { prefix: '/' } }, destination, ...http }] });
}

describe('the configuration of a TrafficRoute', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, [['conf', empty]]],
    [{}, [['conf', noTarget]]],
    [{ destination }, []],
    [
      { destination: {} },
      [
        ['conf.destination', 'must have at least one tag'],
        ['conf.destination', missing],
      ],
    ],
    [
      { destination, split: [{ weight: 1, destination }] },
      [['conf', '"split" cannot be defined at the same time as "destination"']],
    ],
    [{ split: [] }, [['conf', noTarget]]],
    [
      { split: [{ weight: 0, destination }, { destination: { version: '1' } }] },
      [
        ['conf.split[1].weight', 'needs to be defined'],
        ['conf.split[1].destination', missing],
        ['conf.split', 'there must be at least one split entry with weight above 0'],
      ],
    ],
    [{ destination, loadBalancer: { roundRobin: {} } }, []],
    [{ destination, loadBalancer: { leastRequest: { choiceCount: 2 } } }, []],
    [
      { destination, loadBalancer: { leastRequest: { choiceCount: 1 } } },
      [['conf.loadBalancer.leastRequest.choiceCount', 'value must be greater than or equal to 2']],
    ],
    [{ destination, loadBalancer: { ringHash: { hashFunction: 'XX_HASH' } } }, []],
    [
      { destination, loadBalancer: { ringHash: { hashFunction: 'xx_hash' } } },
      [['conf.loadBalancer.ringHash.hashFunction', 'must have a valid hash function']],
    ],
    [{ destination, loadBalancer: { ringHash: {}, random: {} } }, []],
  ])('%j', (conf, expected) => {
    expect(verdict(conf)).toEqual(expected);
  });

  it('keeps the last of several load balancers', () => {
    const conf = { destination, loadBalancer: { random: {}, ringHash: { minRingSize: 5 }, maglev: {} } };
    expect(flatSpec(trafficRouteType, { ...connection, conf }).conf?.loadBalancer).toEqual({ maglev: {} });
  });
});

describe('the requests that a TrafficRoute takes', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, [['conf.http[0].match', noMatch]]],
    [{}, [['conf.http[0].match', noMatch]]],
    [{ method: { exact: '' }, path: { regex: '.*' }, headers: { a: { prefix: 'b' } } }, []],
    [{ headers: {} }, [['conf.http[0].match.headers', 'must contain at least one element']]],
    [
      { method: {}, path: { prefix: '' }, headers: { '': { exact: '' }, a: { regex: '' }, b: null } },
      [
        ['conf.http[0].match.method', noMatcher],
        ['conf.http[0].match.path.prefix', empty],
        ['conf.http[0].match.headers[""]', empty],
        ['conf.http[0].match.headers["a"].regex', empty],
        ['conf.http[0].match.headers["b"]', noMatcher],
      ],
    ],
  ])('%j', (match, expected) => {
    expect(route({ match })).toEqual(expected);
  });

  it('have to go somewhere', () => {
    expect(route({ destination: undefined })).toEqual([['conf.http[0]', noTarget]]);
  });
});

describe('what a TrafficRoute changes', () => {
  it.each<readonly [object, Verdict]>([
    [{}, []],
    [{ path: { rewritePrefix: '/a' }, host: { value: 'b' } }, []],
    [
      { path: {}, host: {} },
      [
        ['conf.http[0].modify.path', 'either "rewritePrefix" or "regex" has to be set'],
        ['conf.http[0].modify.host', 'either "value" or "fromPath" has to be set'],
      ],
    ],
    [
      { path: { rewritePrefix: '' }, host: { value: '' } },
      [
        ['conf.http[0].modify.path.rewritePrefix', empty],
        ['conf.http[0].modify.host.value', empty],
      ],
    ],
    [
      { path: { regex: {} }, host: { fromPath: { pattern: 'a' } } },
      [
        ['conf.http[0].modify.path.regex.pattern', empty],
        ['conf.http[0].modify.path.regex.substitution', empty],
        ['conf.http[0].modify.host.fromPath.substitution', empty],
      ],
    ],
    [
      {
        requestHeaders: {
          add: [{ name: 'a', value: 'b' }, {}, { name: ':path', value: 'c' }],
          remove: [{}, { name: 'Host' }, { name: 'HOST' }],
        },
        responseHeaders: { add: [{ name: 'host', value: 'd' }] },
      },
      [
        ['conf.http[0].modify.requestHeaders.add[1].name', empty],
        ['conf.http[0].modify.requestHeaders.add[1].value', empty],
        ['conf.http[0].modify.requestHeaders.add[2].name', forbiddenHeader],
        ['conf.http[0].modify.requestHeaders.remove[0].name', empty],
        ['conf.http[0].modify.requestHeaders.remove[1].name', forbiddenHeader],
        ['conf.http[0].modify.responseHeaders.add[0].name', forbiddenHeader],
      ],
    ],
  ])('%j', (modify, expected) => {
    expect(route({ modify })).toEqual(expected);
  });

  it('is no prefix where none is matched', () => {
    const modify = { path: { rewritePrefix: '/a' } };
    expect(route({ match: { path: { exact: '/' } }, modify })).toEqual([
      ['conf.http[0].modify.path.rewritePrefix', 'can only be set when .http.match.path.prefix is not empty'],
    ]);
  });
});
