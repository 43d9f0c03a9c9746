import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshRateLimitType } from './type.ts';

const mesh = { kind: 'Mesh' };
const sidecars = { kind: 'Mesh', proxyTypes: ['Sidecar'] };
const limit = { local: { http: { requestRate: { num: 1, interval: '51ms' } } } };
const local = 'spec.rules[0].default.local';
const noInbounds =
  'must not be defined when the scope includes a Gateway, select only proxyType Sidecar or select only gateways and use spec.to';

function rules(conf: unknown, targetRef: object = sidecars): object {
  return { targetRef, rules: [{ default: conf }] };
}

function items(
  list: 'from' | 'to',
  targetRef: object | undefined,
  conf: unknown = limit,
  ref: object = mesh,
): object {
  return { ...(targetRef && { targetRef }), [list]: [{ targetRef: ref, default: conf }] };
}

const http = (settings: object) => rules({ local: { http: settings } });
const tcp = (settings: object) => rules({ local: { tcp: settings } });
const onRateLimit = (status: number) => ({ local: { http: { onRateLimit: { status } } } });

describe('a MeshRateLimit', () => {
  it.each([
    [{}],
    [{ rules: [], from: [], to: [] }],
    [rules(limit)],
    [rules(limit, { kind: 'Dataplane', sectionName: 'http' })],
    [rules(limit, { kind: 'MeshService', name: 'a' })],
    [items('from', sidecars)],
    [items('from', { kind: 'Dataplane', sectionName: 'http' })],
    [items('from', { kind: 'MeshSubset', proxyTypes: ['Sidecar'] })],
    [items('to', undefined)],
    [items('to', mesh)],
    [items('to', { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } })],
    [items('to', { kind: 'MeshHTTPRoute', name: 'r' })],
    [{ ...items('from', sidecars), to: [] }],
    [http({ disabled: false })],
    [http({ onRateLimit: {} })],
    [tcp({ disabled: true })],
    [tcp({ connectionRate: { num: 4_294_967_295, interval: '1h' } })],
  ])('may be %j', (spec) => {
    expect(verdict(meshRateLimitType, spec)).toEqual([]);
  });

  it.each([
    [
      { ...rules(limit), from: [{ targetRef: mesh, default: limit }] },
      'spec',
      "fields 'to' and 'from' must be empty when 'rules' is defined",
    ],
    [rules(limit, mesh), 'spec.rules', 'must not be defined'],
    [rules(limit, { kind: 'MeshGateway', name: 'g' }), 'spec.rules', 'must not be defined'],
    [rules({}, { kind: 'MeshHTTPRoute', name: 'r' }), 'spec.rules', 'must not be defined'],
    [
      { targetRef: { kind: 'Dataplane', sectionName: 'http' } },
      'spec.targetRef.sectionName',
      'can only be used with inbound policies',
    ],
    [items('from', undefined), 'spec.from', noInbounds],
    [items('from', { kind: 'MeshSubset', proxyTypes: ['Gateway'] }, {}), 'spec.from', noInbounds],
    [items('from', { kind: 'MeshHTTPRoute', name: 'r' }), 'spec.from', noInbounds],
    [items('to', sidecars, {}), 'spec.to', 'must not be defined'],
    [items('to', { kind: 'Dataplane' }), 'spec.to', 'must not be defined'],
    [
      items('from', sidecars, limit, { kind: 'MeshSubset' }),
      'spec.from[0].targetRef.kind',
      "value 'MeshSubset' is not supported",
    ],
    [
      items('to', mesh, limit, { kind: 'MeshService', name: 'a' }),
      'spec.to[0].targetRef.kind',
      "value 'MeshService' is not supported",
    ],
    [
      rules(limit, { kind: 'MeshExternalService', name: 'a' }),
      'spec.targetRef.kind',
      "value 'MeshExternalService' is not supported",
    ],
    [rules({}), local, 'must be defined'],
    [{ targetRef: sidecars, rules: [{}] }, local, 'must be defined'],
    [items('from', sidecars, {}), 'spec.from[0].default.local', 'must be defined'],
    [items('to', mesh, {}), 'spec.to[0].default.local', 'must be defined'],
    [rules({ local: {} }), local, 'must have at least one defined: tcp, http'],
    [http({}), `${local}.http`, 'must have at least one defined: disabled, requestRate, onRateLimit'],
    [tcp({}), `${local}.tcp`, 'must have at least one defined: disabled, connectionRate'],
    [http({ onRateLimit: { status: 0 } }), `${local}.http.onRateLimit.status`, 'must be greater than 0'],
    [
      http({ requestRate: { num: 0, interval: '1s' } }),
      `${local}.http.requestRate.num`,
      'must be greater than 0',
    ],
    [
      http({ requestRate: { num: 1, interval: '50ms' } }),
      `${local}.http.requestRate.interval`,
      'must be greater than: 50ms',
    ],
    [
      tcp({ connectionRate: { num: 1, interval: '-1s' } }),
      `${local}.tcp.connectionRate.interval`,
      'must be greater than: 50ms',
    ],
    [http({ requestRate: { num: 1 } }), `${local}.http.requestRate.interval`, 'in body is required'],
    [tcp({ connectionRate: { interval: '1s' } }), `${local}.tcp.connectionRate.num`, 'in body is required'],
    [http({ disabled: 'no' }), `${local}.http.disabled`, 'in body must be of type boolean: "string"'],
    [
      http({ onRateLimit: { headers: { add: [{ name: '', value: '' }] } } }),
      `${local}.http.onRateLimit.headers.add[0].name`,
      'in body should be at least 1 chars long',
    ],
  ])('is refused as %j at %s', (spec, field, message) => {
    expect(verdict(meshRateLimitType, spec)).toEqual([[field, message]]);
  });

  it('is told of both protocols', () => {
    const conf = { local: { tcp: {}, http: { onRateLimit: { status: 0 } } } };
    expect(verdict(meshRateLimitType, rules(conf))).toEqual([
      [`${local}.http.onRateLimit.status`, 'must be greater than 0'],
      [`${local}.tcp`, 'must have at least one defined: disabled, connectionRate'],
    ]);
  });

  it.each([-1, 4_294_967_296])('cannot be read with %i requests', (num) => {
    expect(verdict(meshRateLimitType, http({ requestRate: { num, interval: '1s' } }))).toBe(
      `invalid MeshRateLimit object: "json: cannot unmarshal number ${num} into Go value of type uint32"`,
    );
  });

  it.each([
    [
      items('from', sidecars, onRateLimit(399)),
      [
        "'from' field is deprecated, use 'rules' instead",
        "'spec.from[0].default.local.http.requestRate.status' must be 400 or higher. Please update your configuration.",
      ],
    ],
    [
      rules(onRateLimit(1), { kind: 'MeshService', name: 'a' }),
      [
        "'spec.rules[0].default.local.http.requestRate.status' must be 400 or higher. Please update your configuration.",
        "MeshService value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
      ],
    ],
    [
      items('to', { kind: 'MeshHTTPRoute', name: 'r' }, onRateLimit(100)),
      [
        "'spec.to[0].default.local.http.requestRate.status' must be 400 or higher. Please update your configuration.",
        "MeshHTTPRoute value for 'targetRef.kind' is deprecated, use MeshHTTPRoute in spec.to[].targetRef",
      ],
    ],
    [rules(onRateLimit(400)), []],
  ])('as %j is warned of: %j', (spec, warnings) => {
    expect(meshRateLimitType.deprecations?.(parse(meshRateLimitType, spec), 'x')).toEqual(warnings);
  });
});
