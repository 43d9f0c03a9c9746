import { describe, expect, it } from 'vitest';
import { isSpiffeId } from '../common/spiffe-id.ts';
import { verdict } from '../policy.case.ts';
import { meshTrafficPermissionType } from './type.ts';

const mesh = { kind: 'Mesh' };
const client = { spiffeID: { type: 'Exact', value: 'spiffe://a/b' } };
const nothing = "at least one of 'from' or 'rules' has to be defined";
const noMatch = "at least one of 'allow', 'allowWithShadowDeny', 'deny' has to be defined";

function from(action: unknown, targetRef: unknown = mesh): object {
  return { from: [{ targetRef, default: { action } }] };
}

describe('a MeshTrafficPermission', () => {
  it.each([
    [from('Allow')],
    [from('Deny', { kind: 'MeshServiceSubset', name: 'a', tags: { b: 'c' } })],
    [{ targetRef: { kind: 'Dataplane', sectionName: '80' }, ...from('AllowWithShadowDeny') }],
    [{ rules: [{ default: { allow: [client, {}], deny: [] } }] }],
  ])('may be %j', (spec) => {
    expect(verdict(meshTrafficPermissionType, spec)).toEqual([]);
  });

  it.each([
    [{}, [['spec', nothing]]],
    [{ to: [] }, [['spec', nothing]]],
    [
      { ...from('Allow'), rules: [{ default: { allow: [client] } }] },
      [['spec', "field 'from' must be empty when 'rules' is defined"]],
    ],
    [{ rules: [{ default: {} }] }, [['spec.rules[0]', noMatch]]],
    [
      { rules: [{ default: { allow: [], deny: [], allowWithShadowDeny: [] } }] },
      [['spec.rules[0]', noMatch]],
    ],
    [{ rules: [{}] }, [['spec.rules[0].default', 'in body is required']]],
    [{ from: [{ targetRef: mesh }] }, [['spec.from[0].default.action', 'must be defined']]],
    [
      from('Maybe'),
      [['spec.from[0].default.action', 'in body should be one of [Allow Deny AllowWithShadowDeny]']],
    ],
    [
      from('Allow', { kind: 'Dataplane' }),
      [['spec.from[0].targetRef.kind', "value 'Dataplane' is not supported"]],
    ],
    [
      { targetRef: { kind: 'MeshGateway', name: 'g' }, ...from('Allow') },
      [['spec.targetRef.kind', "value 'MeshGateway' is not supported"]],
    ],
    [
      {
        rules: [
          {
            default: Object.fromEntries(
              ['allow', 'allowWithShadowDeny', 'deny'].map((list) => [
                list,
                [client, { spiffeID: { type: 'Prefix', value: 'a' } }],
              ]),
            ),
          },
        ],
      },
      ['allow', 'allowWithShadowDeny', 'deny'].map((list) => [
        `spec.rules[0].${list}[1].spiffeID`,
        'must be a valid Spiffe ID',
      ]),
    ],
    [
      { rules: [{ default: { deny: [{ spiffeID: { type: 'Suffix', value: 'a' } }] } }] },
      [['spec.rules[0].default.deny[0].spiffeID.type', 'in body should be one of [Exact Prefix]']],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshTrafficPermissionType, spec)).toEqual(expected);
  });

  it('warns of clients that are named by service', () => {
    const spec = meshTrafficPermissionType.schema.parse(from('Allow', { kind: 'MeshService', name: 'a' }));
    expect(meshTrafficPermissionType.deprecations?.(spec, 'x')).toEqual([
      "MeshService value for 'from[].targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' instead",
    ]);
  });
});

it.each([
  ['spiffe://a', true],
  ['spiffe://a.b-c_d/e/F.g_h-1', true],
  ['spiffe://a/..b', true],
  ['spiffe://a/', false],
  ['spiffe://A/b', false],
  ['spiffe:///b', false],
  ['spiffe://a/b//c', false],
  ['spiffe://a/./c', false],
  ['spiffe://a/..', false],
  ['spiffe://a:80/b', false],
  ['spiffe://a/b?c', false],
  ['SPIFFE://a/b', false],
  ['http://a/b', false],
  [`spiffe://${'a'.repeat(256)}`, false],
  ['', false],
])('tells whether %s is a SPIFFE ID: %s', (text, valid) => {
  expect(isSpiffeId(text)).toBe(valid);
});
