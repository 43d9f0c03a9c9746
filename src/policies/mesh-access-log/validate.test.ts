import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshAccessLogType } from './type.ts';

const mesh = { kind: 'Mesh' };
const file = { type: 'File', file: { path: '/a' } };
const first = 'spec.to[0].default.backends[0]';

function to(backend: unknown, targetRef: unknown = mesh): object {
  return { to: [{ targetRef, default: { backends: [backend] } }] };
}

function formatted(format: unknown): object {
  return to({ type: 'File', file: { path: '/a', format } });
}

function members(...json: readonly unknown[]): object {
  return formatted({ type: 'Json', json });
}

describe('a MeshAccessLog', () => {
  it.each([
    [to(file)],
    [{ to: [{ targetRef: mesh, default: { backends: [] } }] }],
    [{ from: [{ targetRef: mesh, default: { backends: [file] } }], to: [] }],
    [{ targetRef: { kind: 'Dataplane', sectionName: 'http' }, rules: [{ default: { backends: [file] } }] }],
    // Rules alone are not looked at, as in the reference.
    [{ rules: [{ default: { backends: [{ type: 'File' }] } }] }],
    [{ targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } }, ...to(file) }],
    [to({ type: 'Tcp', tcp: { address: 'logs:5000', format: { type: 'Plain', plain: '%A%' } } })],
    [
      to({
        type: 'OpenTelemetry',
        openTelemetry: { endpoint: 'anything', attributes: [{ key: '', value: '' }] },
      }),
    ],
    // What belongs to another type does not count.
    [to({ ...file, tcp: { address: 'no address' } })],
    [to({ type: 'File', file: { path: 'C:\\logs\\a.log' } })],
    [members({ key: 'a', value: '%B%' }, { key: 'a": 1, "b', value: 'c' })],
    [formatted({ type: 'Plain', plain: 'a', json: [] })],
  ])('may be %j', (spec) => {
    expect(verdict(meshAccessLogType, spec)).toEqual([]);
  });

  it.each(['MeshService', 'MeshExternalService', 'MeshMultiZoneService', 'MeshHTTPRoute'])(
    'may be about traffic to a %s, but not of a gateway',
    (kind) => {
      const spec = to(file, { kind, name: 'a' });
      expect(verdict(meshAccessLogType, spec)).toEqual([]);
      expect(verdict(meshAccessLogType, { ...spec, targetRef: { kind: 'MeshGateway', name: 'g' } })).toEqual([
        ['spec.to[0].targetRef.kind', `value '${kind}' is not supported`],
      ]);
    },
  );

  it.each([
    [{}, [['spec', "at least one of 'from', 'to' or 'rules' has to be defined"]]],
    [
      { to: [], from: [], rules: [] },
      [['spec', "at least one of 'from', 'to' or 'rules' has to be defined"]],
    ],
    [
      { ...to(file), rules: [{ default: {} }] },
      [['spec', "fields 'to' and 'from' must be empty when 'rules' is defined"]],
    ],
    [{ from: [], rules: [{ default: {} }] }, [['spec.rules[0].default.backends', 'must be defined']]],
    [
      { targetRef: { kind: 'MeshHTTPRoute', name: 'r' }, ...to(file) },
      [['spec.targetRef.kind', "value 'MeshHTTPRoute' is not supported"]],
    ],
    [
      { targetRef: { kind: 'Dataplane', sectionName: 'http' }, ...to(file) },
      [['spec.targetRef.sectionName', 'can only be used with inbound policies']],
    ],
    [
      to(file, { kind: 'MeshSubset', tags: { a: 'b' } }),
      [['spec.to[0].targetRef.kind', "value 'MeshSubset' is not supported"]],
    ],
    [
      { from: [{ targetRef: { kind: 'MeshService', name: 'a' }, default: {} }] },
      [
        ['spec.from[0].targetRef.kind', "value 'MeshService' is not supported"],
        ['spec.from[0].default.backends', 'must be defined'],
      ],
    ],
    [{ to: [{ targetRef: mesh, default: {} }] }, [['spec.to[0].default.backends', 'must be defined']]],
    [to({ type: 'File' }), [[`${first}.file`, 'must be defined']]],
    [to({ type: 'Tcp' }), [[`${first}.tcp`, 'must be defined']]],
    [to({ type: 'OpenTelemetry' }), [[`${first}.openTelemetry`, 'must be defined']]],
    [
      to({ type: 'File', file: { path: 'a.log', format: { type: 'Plain' } } }),
      [
        [`${first}.file.format.plain`, 'must be defined'],
        [`${first}.file.path`, 'file backend requires a valid path'],
      ],
    ],
    [
      to({ type: 'Tcp', tcp: { address: 'logs', format: { type: 'Json' } } }),
      [
        [`${first}.tcp.format.json`, 'must be defined'],
        [`${first}.tcp.address`, 'tcp backend requires valid address'],
      ],
    ],
    [formatted({ type: 'Plain', plain: '' }), [[`${first}.file.format.plain`, 'must not be empty']]],
    [members(), [[`${first}.file.format.json`, 'must not be empty']]],
    [
      members({ key: '', value: '' }, { key: 'a', value: '"' }, { key: '\\', value: 'b' }),
      [
        [`${first}.file.format.json[0].key`, 'key cannot be empty'],
        [`${first}.file.format.json[0].value`, 'value cannot be empty'],
        [`${first}.file.format.json[1]`, 'is not a valid JSON object'],
        [`${first}.file.format.json[2]`, 'is not a valid JSON object'],
      ],
    ],
    [{ to: [{ targetRef: mesh }] }, [['spec.to[0].default', 'in body is required']]],
    [{ rules: [{}] }, [['spec.rules[0].default', 'in body is required']]],
    [to({ type: 'Smoke' }), [[`${first}.type`, 'in body should be one of [Tcp File OpenTelemetry]']]],
    [
      to({ type: 'Tcp', tcp: { address: '' } }),
      [[`${first}.tcp.address`, 'in body should be at least 1 chars long']],
    ],
    [
      to({ type: 'OpenTelemetry', openTelemetry: { endpoint: '', attributes: [{ key: 'a' }] } }),
      [
        [`${first}.openTelemetry.attributes[0].value`, 'in body is required'],
        [`${first}.openTelemetry.endpoint`, 'in body should be at least 1 chars long'],
      ],
    ],
    [
      formatted({ type: 'Text', omitEmptyValues: 'no' }),
      [
        [`${first}.file.format.type`, 'in body should be one of [Plain Json]'],
        [`${first}.file.format.omitEmptyValues`, 'in body must be of type boolean: "string"'],
      ],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshAccessLogType, spec)).toEqual(expected);
  });

  it.each([
    ['a text', 'a text'],
    [
      { kvlistValue: { values: [] }, 'any member': null },
      { kvlistValue: { values: [] }, 'any member': null },
    ],
    [false, false],
  ])('is stored with the body %j', (body, stored) => {
    const backend = { type: 'OpenTelemetry', openTelemetry: { endpoint: 'a', body } };
    expect(parse(meshAccessLogType, to(backend))).toStrictEqual(
      to({ type: 'OpenTelemetry', openTelemetry: { endpoint: 'a', body: stored } }),
    );
  });

  it('is stored with its defaults, and without a body that is null', () => {
    expect(parse(meshAccessLogType, formatted({ type: 'Plain', plain: 'a' }))).toStrictEqual(
      formatted({ type: 'Plain', plain: 'a', omitEmptyValues: false }),
    );
    const backend = { type: 'OpenTelemetry', openTelemetry: { endpoint: 'a', body: null } };
    expect(parse(meshAccessLogType, to(backend))).toStrictEqual(
      to({ type: 'OpenTelemetry', openTelemetry: { endpoint: 'a' } }),
    );
  });

  it('warns of names that go away', () => {
    const conf = { backends: [] };
    const spec = parse(meshAccessLogType, {
      targetRef: { kind: 'MeshService', name: 'a' },
      from: [{ targetRef: mesh, default: conf }],
    });
    expect(meshAccessLogType.deprecations?.(spec, 'x')).toEqual([
      "'from' field is deprecated, use 'rules' instead",
      "MeshService value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
    ]);
  });
});
