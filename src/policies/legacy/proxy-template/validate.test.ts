import { describe, expect, it } from 'vitest';
import { flatSpec, flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { service } from '../common/legacy.case.ts';
import { proxyTemplateType } from './type.ts';

const selectors = [service('*')];
const empty = 'cannot be empty';
const invalid = 'native Envoy resource is not valid:';
const path = 'conf.modifications[0]';
const resourceOperations = 'invalid operation. Available operations: "add", "patch", "remove"';
const filterOperations =
  'invalid operation. Available operations: "addFirst", "addLast", "addBefore", "addAfter", "patch", "remove"';

function verdict(conf: unknown): Verdict {
  return flatVerdict(proxyTemplateType, { selectors, conf });
}

function changed(modification: object): Verdict {
  return verdict({ modifications: [modification] });
}

describe('a ProxyTemplate', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, []],
    [{ imports: ['default-proxy', 'gateway-proxy'], modifications: [{}] }, []],
    [
      { imports: ['', 'none'] },
      [
        ['conf.imports[0]', empty],
        [
          'conf.imports[1]',
          'profile not found. Available profiles: default-proxy,egress-proxy,gateway-proxy,ingress-proxy',
        ],
      ],
    ],
    [
      { resources: [{}] },
      [
        ['conf.resources[0].name', empty],
        ['conf.resources[0].version', empty],
        ['conf.resources[0].resource', empty],
      ],
    ],
  ])('with %j', (conf, expected) => {
    expect(verdict(conf)).toEqual(expected);
  });

  it('keeps the last of several kinds in one modification', () => {
    const modifications = [{ virtualHost: { operation: 'remove' }, cluster: { operation: 'nothing' } }];
    expect(flatSpec(proxyTemplateType, { selectors, conf: { modifications } }).conf).toEqual({
      modifications: [{ virtualHost: { operation: 'remove' } }],
    });
  });
});

describe('a resource of a ProxyTemplate', () => {
  it.each<readonly [string, string | undefined]>([
    ['{"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "a"}', undefined],
    ['"@type": x/google.protobuf.Duration\nvalue: 5s', undefined],
    [
      '"@type": x/envoy.config.cluster.v3.Cluster',
      'invalid Cluster.Name: value length must be at least 1 runes',
    ],
    ['"@type": x/envoy.config.core.v3.Address', 'invalid Address.Address: value is required'],
    ['name: a', "Any JSON doesn't have '@type'"],
    ['"@type": none', 'could not resolve Any message type: none'],
    ['"@type": x/envoy.newer.v4.Thing', 'could not resolve Any message type: x/envoy.newer.v4.Thing'],
    ['"@type": null', 'could not resolve Any message type: '],
    ['null', 'proto: invalid empty type URL'],
    ['a', 'json: cannot unmarshal string into Go value of type map[string]json.RawMessage'],
    ['*', "invalid character '*' looking for beginning of value"],
  ])('%j', (resource, problem) => {
    const expected: Verdict =
      problem === undefined ? [] : [['conf.resources[0].resource', `${invalid} ${problem}`]];
    expect(verdict({ resources: [{ name: 'a', version: 'b', resource }] })).toEqual(expected);
  });
});

describe('a modification of a ProxyTemplate', () => {
  const domains = 'name: a\ndomains: ["*"]';
  it.each<readonly [object, Verdict]>([
    [{ cluster: { operation: 'add', value: 'name: a' } }, []],
    [{ cluster: { operation: 'patch', match: { origin: 'inbound' }, value: 'connectTimeout: 5s' } }, []],
    [{ cluster: { operation: 'patch' } }, []],
    [
      { cluster: { operation: 'patch', value: '{{.service}}' } },
      [
        [
          `${path}.cluster.value`,
          `${invalid} invalid character '{' looking for beginning of object key string`,
        ],
      ],
    ],
    [{ cluster: { operation: 'remove', value: '*' } }, []],
    [{ cluster: {} }, [[`${path}.cluster.operation`, resourceOperations]]],
    [{ cluster: { operation: 'constructor' } }, [[`${path}.cluster.operation`, resourceOperations]]],
    [
      { cluster: { operation: 'add', match: {} } },
      [
        [`${path}.cluster.match`, 'cannot be defined'],
        [`${path}.cluster.value`, `${invalid} invalid Cluster.Name: value length must be at least 1 runes`],
      ],
    ],
    [
      { cluster: { operation: 'patch', value: 'connectTimeout: 5d' } },
      [[`${path}.cluster.value`, `${invalid} bad Duration: time: unknown unit "d" in duration "5d"`]],
    ],
    [{ listener: { operation: 'add', value: 'name: a' } }, []],
    [
      { listener: { operation: 'add', match: { name: 'a' } } },
      [[`${path}.listener.match`, 'cannot be defined']],
    ],
    [{ listener: { operation: 'addFirst' } }, [[`${path}.listener.operation`, resourceOperations]]],
    [{ virtualHost: { operation: 'add', match: { origin: 'a' }, value: domains } }, []],
    [
      { virtualHost: { operation: 'add', match: { name: 'a' }, value: domains } },
      [[`${path}.virtualHost.match.name`, 'cannot be defined']],
    ],
    [
      { virtualHost: { operation: 'add', value: 'name: a' } },
      [
        [
          `${path}.virtualHost.value`,
          `${invalid} invalid VirtualHost.Domains: value must contain at least 1 item(s)`,
        ],
      ],
    ],
    [{ virtualHost: { operation: 'Add' } }, [[`${path}.virtualHost.operation`, resourceOperations]]],
    ...(['networkFilter', 'httpFilter'] as const).flatMap((kind): (readonly [object, Verdict])[] => [
      [{ [kind]: { operation: 'addFirst', value: 'name: a' } }, []],
      [{ [kind]: { operation: 'addLast', value: 'name: a' } }, []],
      [{ [kind]: { operation: 'addBefore', match: { name: 'b' }, value: 'name: a' } }, []],
      [{ [kind]: { operation: 'remove' } }, []],
      [{ [kind]: { operation: 'add' } }, [[`${path}.${kind}.operation`, filterOperations]]],
      [
        { [kind]: { operation: 'addBefore', match: {}, value: 'name: a' } },
        [
          [
            `${path}.${kind}.match.name`,
            `${empty}. You need to pick a filter before which this one will be added`,
          ],
        ],
      ],
      [
        { [kind]: { operation: 'addAfter', value: 'name: a' } },
        [
          [
            `${path}.${kind}.match.name`,
            `${empty}. You need to pick a filter after which this one will be added`,
          ],
        ],
      ],
      [{ [kind]: { operation: 'patch' } }, [[`${path}.${kind}.match.name`, empty]]],
    ]),
  ])('%j', (modification, expected) => {
    expect(changed(modification)).toEqual(expected);
  });
});
