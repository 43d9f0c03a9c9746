import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshProxyPatchType } from './type.ts';

const path = 'spec.default.appendModifications';
const first = `${path}[0]`;
const listener = 'name: l\naddress: { socketAddress: { address: 127.0.0.1, portValue: 80 } }';
const patch = { op: 'replace', path: '/a', value: 1 };

function modify(...appendModifications: readonly unknown[]): object {
  return { default: { appendModifications } };
}

function patched(...jsonPatches: readonly unknown[]): object {
  return modify({ cluster: { operation: 'Patch', jsonPatches } });
}

describe('a MeshProxyPatch', () => {
  it.each([
    [modify({ cluster: { operation: 'Add', value: 'name: a' } })],
    [modify({ listener: { operation: 'Add', value: listener } })],
    [modify({ virtualHost: { operation: 'Add', match: {}, value: 'name: v\ndomains: ["*"]' } })],
    [
      modify(
        { cluster: { operation: 'Remove' } },
        { listener: { operation: 'Remove', match: { tags: {} } } },
      ),
    ],
    [modify({ cluster: { operation: 'Patch', match: { name: 'a' }, value: '{"connectTimeout":"9s"}' } })],
    [modify({ cluster: { operation: 'Patch', value: 'connectTimeout: 9s', jsonPatches: [] } })],
    [modify({ virtualHost: { operation: 'Patch', match: { origin: 'inbound' }, value: 'domains: []' } })],
    ...['httpFilter', 'networkFilter'].flatMap((kind) => [
      [modify({ [kind]: { operation: 'AddFirst', value: 'name: f' } })],
      [modify({ [kind]: { operation: 'AddLast', match: { listenerName: 'l' }, value: 'name: f' } })],
      [modify({ [kind]: { operation: 'AddBefore', match: { name: 'g' }, value: 'name: f' } })],
      [modify({ [kind]: { operation: 'AddAfter', match: { name: '' }, value: 'name: f' } })],
      [modify({ [kind]: { operation: 'Patch', match: { name: 'g' }, jsonPatches: [patch] } })],
      [modify({ [kind]: { operation: 'Remove' } })],
    ]),
    [
      patched(
        { op: 'add', path: '', value: null },
        { op: 'remove', path: '/a/-' },
        { op: 'move', path: '/a', from: '' },
        { op: 'copy', path: 'no pointer', from: '/b' },
      ),
    ],
    [
      {
        targetRef: { kind: 'MeshGateway', name: 'g' },
        ...modify({ cluster: { operation: 'Remove', jsonPatches: [patch] } }),
      },
    ],
  ])('may be %j', (spec) => {
    expect(verdict(meshProxyPatchType, spec)).toEqual([]);
  });

  it.each([
    [{ default: {} }, [[path, 'must not be empty']]],
    [modify(), [[path, 'must not be empty']]],
    [
      { targetRef: { kind: 'MeshHTTPRoute', name: 'r' }, ...modify({ cluster: { operation: 'Remove' } }) },
      [['spec.targetRef.kind', "value 'MeshHTTPRoute' is not supported"]],
    ],
    [
      {
        targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } },
        ...modify({ cluster: { operation: 'Remove' } }),
      },
      [['spec.targetRef.tags', 'must not be set with kind MeshGateway']],
    ],
    [
      modify({}, { cluster: { operation: 'Remove' }, httpFilter: { operation: 'Remove' } }),
      [0, 2].map((count, position) => [
        `${path}[${position}]`,
        `exactly one modification can be defined at a time. Currently, ${count} modifications are defined`,
      ]),
    ],
    ...['cluster', 'listener'].map((kind) => [
      modify({ [kind]: { operation: 'Add', match: {} } }),
      [
        [`${first}.${kind}.match`, 'must not be defined'],
        [`${first}.${kind}.value`, 'must be defined'],
      ],
    ]),
    [
      modify({ virtualHost: { operation: 'Add', match: { name: '' } } }),
      [
        [`${first}.virtualHost.match.name`, 'must not be defined'],
        [`${first}.virtualHost.value`, 'must be defined'],
      ],
    ],
    ...['cluster', 'listener', 'virtualHost', 'httpFilter', 'networkFilter'].flatMap((kind) => [
      [
        modify({ [kind]: { operation: 'Remove', match: {}, value: '' } }),
        [[`${first}.${kind}.value`, 'must not be defined']],
      ],
      [
        modify({ [kind]: { operation: 'Patch', match: { name: 'a' } } }),
        [[`${first}.${kind}`, `${kind} must have exactly one defined: value, jsonPatches`]],
      ],
      [
        modify({ [kind]: { operation: 'Patch', match: { name: 'a' }, value: '', jsonPatches: [patch] } }),
        [[`${first}.${kind}`, `${kind} must have only one type defined: value, jsonPatches`]],
      ],
      [
        modify({ [kind]: { operation: 'Patch', match: { name: 'a' }, value: 'name: []' } }),
        [
          [
            `${first}.${kind}.value`,
            'native Envoy resource is not valid: json: cannot unmarshal array into Go value of type string',
          ],
        ],
      ],
    ]),
    ...['httpFilter', 'networkFilter'].flatMap((kind) => [
      [
        modify({ [kind]: { operation: 'AddBefore', match: {} } }, { [kind]: { operation: 'AddAfter' } }),
        ['before', 'after'].flatMap((side, position) => [
          [
            `${path}[${position}].${kind}.match.name`,
            `must be defined. You need to pick a filter ${side} which this one will be added`,
          ],
          [`${path}[${position}].${kind}.value`, 'must be defined'],
        ]),
      ],
      [
        modify({ [kind]: { operation: 'Patch', value: 'name: a' } }),
        [[`${first}.${kind}.match.name`, 'must be defined']],
      ],
      ...['AddFirst', 'AddLast'].map((operation) => [
        modify({ [kind]: { operation, value: 'disabled: true' } }),
        [
          [
            `${first}.${kind}.value`,
            `native Envoy resource is not valid: invalid ${kind === 'httpFilter' ? 'HttpFilter' : 'Filter'}.Name: ` +
              'value length must be at least 1 runes',
          ],
        ],
      ]),
    ]),
    [
      patched({ op: 'add', path: '/a' }, { op: 'replace', path: '/a', from: '/b' }),
      [
        [
          `${first}.cluster.jsonPatches[0].value`,
          '"value" must not be empty when "op" is one of ["add", "replace"]',
        ],
        [
          `${first}.cluster.jsonPatches[1].from`,
          '"from" is allowed only when "op" is one of ["move", "copy"]',
        ],
        [
          `${first}.cluster.jsonPatches[1].value`,
          '"value" must not be empty when "op" is one of ["add", "replace"]',
        ],
      ],
    ],
    [
      patched({ op: 'move', path: '/a' }, { op: 'copy', path: '/a', from: '', value: null }),
      [
        [
          `${first}.cluster.jsonPatches[0].from`,
          '"from" must not be empty when "op" is one of ["move", "copy"]',
        ],
        [
          `${first}.cluster.jsonPatches[1].value`,
          '"value" is allowed only when "op" is one of ["add", "replace"]',
        ],
      ],
    ],
    [
      patched({ op: 'remove', path: '' }, { op: 'remove', path: '/', value: 0 }),
      [
        [`${first}.cluster.jsonPatches[0].path`, 'root path cannot be removed'],
        [
          `${first}.cluster.jsonPatches[1].value`,
          '"value" is allowed only when "op" is one of ["add", "replace"]',
        ],
        [`${first}.cluster.jsonPatches[1].path`, 'root path cannot be removed'],
      ],
    ],
    [{}, [['spec.default', 'in body is required']]],
    [
      modify(
        { cluster: { operation: 'AddFirst' } },
        { networkFilter: { operation: 'Add' } },
        { virtualHost: { operation: 'Remove' } },
      ),
      [
        [`${first}.cluster.operation`, 'in body should be one of [Add Remove Patch]'],
        [
          `${path}[1].networkFilter.operation`,
          'in body should be one of [Remove Patch AddFirst AddBefore AddAfter AddLast]',
        ],
        [`${path}[2].virtualHost.match`, 'in body is required'],
      ],
    ],
    [
      patched({ op: 'test' }),
      [
        [`${first}.cluster.jsonPatches[0].op`, 'in body should be one of [add remove replace move copy]'],
        [`${first}.cluster.jsonPatches[0].path`, 'in body is required'],
      ],
    ],
    [
      modify({ listener: { operation: 'Remove', match: { tags: { a: 1 } }, value: 5 } }),
      [
        [`${first}.listener.match.tags.a`, 'in body must be of type string: "number"'],
        [`${first}.listener.value`, 'in body must be of type string: "number"'],
      ],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshProxyPatchType, spec)).toEqual(expected);
  });

  it('is stored as it is written, without what is not known', () => {
    const change = {
      httpFilter: {
        match: { name: 'a', origin: 'inbound', listenerName: 'l', listenerTags: { b: 'c' } },
        operation: 'Patch',
        jsonPatches: [{ op: 'add', path: '/a', value: null }, patch, { op: 'move', path: '/a', from: '/b' }],
      },
    };
    expect(parse(meshProxyPatchType, { ...modify(change), shade: 'blue' })).toStrictEqual(modify(change));
  });

  it('warns of names that go away', () => {
    const spec = parse(meshProxyPatchType, {
      targetRef: { kind: 'MeshService', name: 'a' },
      ...modify({ cluster: { operation: 'Remove' } }),
    });
    expect(meshProxyPatchType.deprecations?.(spec, 'x')).toEqual([
      "MeshService value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
    ]);
  });
});
