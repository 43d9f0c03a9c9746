import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../spec.case.ts';
import { meshServiceType } from './mesh-service.ts';

const anyOf = (path: string) => [
  ['', `"${path}" must validate at least one schema (anyOf)`],
  [path, 'in body must be of type integer: "number"'],
];

describe('a MeshService', () => {
  it.each([
    {},
    { ports: [{ port: 0 }] },
    { ports: [{ port: -5, appProtocol: 'smoke', name: '' }] },
    { ports: [{ port: 80 }, { port: 80, name: 'a' }] },
    { selector: { dataplaneTags: { a: 'b' }, dataplaneRef: { name: 'x' } } },
    { selector: { dataplaneTags: {}, dataplaneRef: {} } },
    { state: 'Available', identities: [{ type: 'SpiffeID', value: '' }] },
  ])('may be %j', (spec) => {
    expect(verdict(meshServiceType, spec)).toEqual([]);
  });

  it.each([
    [null, [['', 'spec in body must be of type object: "null"']]],
    [{ state: 'Maybe' }, [['spec.state', 'in body should be one of [Available Unavailable]']]],
    [{ selector: null }, [['spec.selector', 'in body must be of type object: "null"']]],
    [{ ports: null }, [['spec.ports', 'in body must be of type array: "null"']]],
    [{ ports: [{}] }, [['spec.ports[0].port', 'in body is required']]],
    [{ ports: [{ port: '80' }] }, [['spec.ports[0].port', 'in body must be of type integer: "string"']]],
    [
      { ports: [{ port: 1, name: null }] },
      [['spec.ports[0].name', 'in body must be of type string: "null"']],
    ],
    [{ ports: [{ port: 1, targetPort: 1.5 }] }, anyOf('spec.ports[0].targetPort')],
    [
      { identities: [{ type: 'x' }] },
      [
        ['spec.identities[0].type', 'in body should be one of [ServiceTag SpiffeID]'],
        ['spec.identities[0].value', 'in body is required'],
      ],
    ],
    [
      { selector: { dataplaneTags: { a: 5 } } },
      [['spec.selector.dataplaneTags.a', 'in body must be of type string: "number"']],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshServiceType, spec)).toEqual(expected);
  });

  it('cannot be read with a port of more than 32 bits', () => {
    expect(verdict(meshServiceType, { ports: [{ port: 3_000_000_000 }] })).toContain(
      'invalid MeshService object: "json: cannot unmarshal number 3000000000',
    );
  });

  it.each([
    [{}, { state: 'Unavailable', selector: {} }],
    [
      {
        state: null,
        ports: [
          { port: 1, targetPort: null, appProtocol: null },
          { port: 2, targetPort: 'web' },
        ],
      },
      {
        state: 'Unavailable',
        selector: {},
        ports: [
          { port: 1, appProtocol: 'tcp' },
          { port: 2, targetPort: 'web', appProtocol: 'tcp' },
        ],
      },
    ],
  ])('is stored of %j as %j', (spec, stored) => {
    expect(parse(meshServiceType, spec)).toStrictEqual(stored);
  });

  it('warns of names that are no DNS labels', () => {
    const spec = parse(meshServiceType, {});
    expect(meshServiceType.deprecations?.(spec, 'web')).toEqual([]);
    expect(meshServiceType.deprecations?.(spec, '9web')).toEqual([
      expect.stringMatching(/^Invalid MeshService resource name: '9web'\. .* \(RFC 1035\)\. .* deprecated\./),
    ]);
  });
});
