import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshTimeoutType } from './type.ts';

const mesh = { kind: 'Mesh' };
const second = { connectionTimeout: '1s' };
const onRoute = "can't be specified when top-level TargetRef is referencing MeshHTTPRoute";

function to(conf: unknown, targetRef: unknown = mesh): object {
  return { to: [{ targetRef, default: conf }] };
}

describe('a MeshTimeout', () => {
  it.each([
    [to(second)],
    [{ ...to(second), from: [{ targetRef: mesh, default: second }] }],
    [{ targetRef: { kind: 'Dataplane', sectionName: 'http' }, rules: [{ default: second }] }],
    [
      {
        targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } },
        ...to(second, { kind: 'MeshExternalService', name: 'x' }),
      },
    ],
    [{ targetRef: { kind: 'MeshHTTPRoute', name: 'r' }, ...to({ http: { requestTimeout: '0s' } }) }],
    [
      to(
        { idleTimeout: '0s', http: { streamIdleTimeout: '0s', requestHeadersTimeout: '0s' } },
        { kind: 'MeshHTTPRoute', name: 'r' },
      ),
    ],
  ])('may be %j', (spec) => {
    expect(verdict(meshTimeoutType, spec)).toEqual([]);
  });

  it.each([
    [{}, [['spec', "at least one of 'from', 'to' or 'rules' has to be defined"]]],
    [
      { to: [], from: [], rules: [] },
      [['spec', "at least one of 'from', 'to' or 'rules' has to be defined"]],
    ],
    [
      { ...to(second), rules: [{ default: second }] },
      [['spec', "fields 'to' and 'from' must be empty when 'rules' is defined"]],
    ],
    [to({}), [['spec.to[0].default', 'at least one timeout should be configured']]],
    [{ to: [{ targetRef: mesh }] }, [['spec.to[0].default', 'at least one timeout should be configured']]],
    [{ rules: [{}] }, [['spec.rules[0].default', 'at least one timeout should be configured']]],
    [
      to({ http: { requestHeadersTimeout: '1s' } }),
      [['spec.to[0].default.http', 'at least one timeout in this section should be configured']],
    ],
    [
      to({
        connectionTimeout: '0s',
        idleTimeout: '-1s',
        http: {
          requestTimeout: '-1s',
          streamIdleTimeout: '-1s',
          maxStreamDuration: '-1s',
          maxConnectionDuration: '-1s',
          requestHeadersTimeout: '-1s',
        },
      }),
      [
        ['spec.to[0].default.connectionTimeout', 'must be greater than zero when defined'],
        ...[
          'idleTimeout',
          'http.requestTimeout',
          'http.streamIdleTimeout',
          'http.maxStreamDuration',
          'http.maxConnectionDuration',
          'http.requestHeadersTimeout',
        ].map((name) => [`spec.to[0].default.${name}`, 'must not be negative when defined']),
      ],
    ],
    [
      to(second, { kind: 'MeshSubset' }),
      [['spec.to[0].targetRef.kind', "value 'MeshSubset' is not supported"]],
    ],
    [
      { from: [{ targetRef: { kind: 'MeshService', name: 'a' }, default: second }] },
      [['spec.from[0].targetRef.kind', "value 'MeshService' is not supported"]],
    ],
    [
      { targetRef: { kind: 'MeshGateway', name: 'g' }, from: [{ targetRef: mesh, default: {} }] },
      [['spec.from', 'must not be defined']],
    ],
    [
      { targetRef: { kind: 'MeshGateway', name: 'g' }, ...to(second, { kind: 'MeshService', name: 'a' }) },
      [['spec.to[0].targetRef.kind', "value 'MeshService' is not supported"]],
    ],
    [
      {
        targetRef: { kind: 'MeshHTTPRoute', name: 'r' },
        ...to({
          ...second,
          idleTimeout: '1s',
          http: { maxStreamDuration: '1s', maxConnectionDuration: '1s' },
        }),
      },
      ['connectionTimeout', 'idleTimeout', 'http.maxStreamDuration', 'http.maxConnectionDuration'].map(
        (name) => [`spec.to[0].default.${name}`, onRoute],
      ),
    ],
    [
      { targetRef: { kind: 'MeshExternalService', name: 'a' }, ...to(second) },
      [['spec.targetRef.kind', "value 'MeshExternalService' is not supported"]],
    ],
    [
      { targetRef: { kind: 'Dataplane', sectionName: 'http' }, ...to(second) },
      [['spec.targetRef.sectionName', 'can only be used with inbound policies']],
    ],
    [
      to({ connectionTimeout: 5 }),
      [['spec.to[0].default.connectionTimeout', 'in body must be of type string: "number"']],
    ],
    [{ ...to(second), targetRef: {} }, [['spec.targetRef.kind', 'in body is required']]],
    [{ ...to(second), targetRef: null }, [['spec.targetRef', 'in body must be of type object: "null"']]],
    [
      { ...to(second), targetRef: { kind: 5 } },
      [
        ['spec.targetRef.kind', 'in body must be of type string: "number"'],
        [
          'spec.targetRef.kind',
          'in body should be one of [Mesh MeshSubset MeshGateway MeshService MeshExternalService MeshMultiZoneService MeshServiceSubset MeshHTTPRoute Dataplane]',
        ],
      ],
    ],
    [
      { ...to(second), targetRef: { kind: 'Mesh', proxyTypes: ['Kettle'] } },
      [['spec.targetRef.proxyTypes[0]', 'in body should be one of [Sidecar Gateway]']],
    ],
    [
      { ...to(second), targetRef: { kind: 'MeshSubset', tags: { a: 5 } } },
      [['spec.targetRef.tags.a', 'in body must be of type string: "number"']],
    ],
    [{ to: {} }, [['spec.to', 'in body must be of type array: "object"']]],
    [{ to: [5] }, [['spec.to[0]', 'in body must be of type object: "number"']]],
    [undefined, [['', '.spec in body is required']]],
    ['x', [['', 'spec in body must be of type object: "string"']]],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshTimeoutType, spec)).toEqual(expected);
  });

  it.each([
    ['later', 'invalid MeshTimeout object: "time: invalid duration \\"later\\""'],
    ['7d', 'invalid MeshTimeout object: "time: unknown unit \\"d\\" in duration \\"7d\\""'],
    ['', 'invalid MeshTimeout object: "time: invalid duration \\"\\""'],
  ])('cannot be read with the duration %j', (connectionTimeout, message) => {
    expect(verdict(meshTimeoutType, to({ connectionTimeout }))).toBe(message);
  });

  it('is told of its shape before its durations', () => {
    expect(verdict(meshTimeoutType, { ...to({ connectionTimeout: 'later' }), from: 5 })).toEqual([
      ['spec.from', 'in body must be of type array: "number"'],
    ]);
  });

  it('is stored with durations as Go prints them, and without what is not known', () => {
    const spec = { ...to({ idleTimeout: '90m', http: { requestTimeout: '0' }, shade: 1 }), shade: 'blue' };
    expect(parse(meshTimeoutType, spec)).toStrictEqual(
      to({ idleTimeout: '1h30m0s', http: { requestTimeout: '0s' } }),
    );
  });
});
