import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshTcpRouteType } from './type.ts';

const service = { kind: 'MeshService', name: 'shop' };
const backends = 'spec.to[0].rules[0].default.backendRefs';

function route(backendRefs: unknown, targetRef: object = service): object {
  const conf = backendRefs === undefined ? {} : { backendRefs };
  return { to: [{ targetRef, rules: [{ default: conf }] }] };
}

describe('a MeshTCPRoute', () => {
  it.each([
    [{}],
    [{ to: [{ targetRef: service, rules: [] }] }],
    [route([service], { kind: 'MeshExternalService', name: 'a' })],
    [
      route([{ kind: 'MeshMultiZoneService', name: 'a', port: 80 }], {
        kind: 'MeshMultiZoneService',
        name: 'a',
      }),
    ],
    [route([{ kind: 'MeshServiceSubset', name: 'a', tags: { b: '*' } }])],
    [
      {
        targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } },
        ...route([service], { kind: 'Mesh' }),
      },
    ],
  ])('may be %j', (spec) => {
    expect(verdict(meshTcpRouteType, spec)).toEqual([]);
  });

  it.each([
    [{ to: [] }, 'spec.to', 'in body should have at least 1 items'],
    [{ to: [{ targetRef: service }] }, 'spec.to[0].rules', 'in body is required'],
    [{ to: [{ rules: [] }] }, 'spec.to[0].targetRef', 'in body is required'],
    [{ to: [{ targetRef: service, rules: [{}] }] }, 'spec.to[0].rules[0].default', 'in body is required'],
    [
      { to: [{ targetRef: service, rules: [{ default: {} }, { default: {} }] }] },
      'spec.to[0].rules',
      'in body should have at most 1 items',
    ],
    [route(undefined), backends, 'must be defined'],
    [route([]), backends, 'must be defined'],
    [route([{ kind: 'Mesh' }]), `${backends}[0].kind`, "value 'Mesh' is not supported"],
    [
      route([{ kind: 'MeshMultiZoneService', name: 'a' }]),
      `${backends}[0].port`,
      'must be defined with kind MeshMultiZoneService',
    ],
    [
      route([{ kind: 'MeshService', name: 'kuma.io/unresolved-backend' }]),
      `${backends}[0].name`,
      "invalid characters: must consist of lower case alphanumeric characters, '-', '.' and '_'.",
    ],
    [
      route([{ ...service, weight: '1' }]),
      `${backends}[0].weight`,
      'in body must be of type integer: "string"',
    ],
    [route([service], { kind: 'Mesh' }), 'spec.to[0].targetRef.kind', "value 'Mesh' is not supported"],
    [
      { targetRef: { kind: 'MeshGateway', name: 'g' }, ...route([service]) },
      'spec.to[0].targetRef.kind',
      "value 'MeshService' is not supported",
    ],
    [
      { targetRef: { kind: 'MeshHTTPRoute', name: 'r' } },
      'spec.targetRef.kind',
      "value 'MeshHTTPRoute' is not supported",
    ],
  ])('is refused as %j at %s', (spec, field, message) => {
    expect(verdict(meshTcpRouteType, spec)).toEqual([[field, message]]);
  });

  it('is stored with weights, and warned of an old target', () => {
    const spec = { targetRef: service, ...route([service]) };
    expect(parse(meshTcpRouteType, spec)).toStrictEqual({
      targetRef: service,
      ...route([{ ...service, weight: 1 }]),
    });
    expect(meshTcpRouteType.deprecations?.(parse(meshTcpRouteType, spec), 'x')).toEqual([
      "MeshService value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
    ]);
  });
});
