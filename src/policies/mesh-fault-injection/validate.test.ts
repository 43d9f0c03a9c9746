import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshFaultInjectionType } from './type.ts';

const mesh = { kind: 'Mesh' };
const sidecars = { kind: 'Mesh', proxyTypes: ['Sidecar'] };
const abort = { abort: { httpStatus: 500, percentage: 1 } };
const http = 'spec.rules[0].default.http';
const range = 'must be in inclusive range [0.0, 100.0]';
const units = 'must be in kbps/Mbps/Gbps units';
const noInbounds =
  'must not be defined when the scope includes a Gateway, select only proxyType Sidecar or select only gateways and use spec.to';

function rules(...faults: readonly unknown[]): object {
  return { rules: [{ default: { http: faults } }] };
}

function items(list: 'from' | 'to', targetRef: object | undefined, ref: object = mesh): object {
  return { ...(targetRef && { targetRef }), [list]: [{ targetRef: ref, default: { http: [abort] } }] };
}

const delay = (value: unknown, percentage: unknown = 1) => rules({ delay: { value, percentage } });
const bandwidth = (limit: unknown) => rules({ responseBandwidth: { limit, percentage: 1 } });

describe('a MeshFaultInjection', () => {
  it.each<readonly [object]>([
    [{}],
    [{ rules: [{ default: {} }] }],
    [rules()],
    [rules({}, abort)],
    [{ targetRef: { kind: 'Dataplane', sectionName: 'http' }, ...rules(abort) }],
    [{ targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } }, ...rules(abort) }],
    [{ rules: [{ matches: [{}, { spiffeID: { type: 'Exact', value: 'spiffe://a/b' } }], default: {} }] }],
    [items('from', { kind: 'Dataplane', sectionName: 'http' })],
    [items('from', sidecars, { kind: 'MeshSubset', tags: { a: 'b' } })],
    [items('from', { kind: 'Dataplane' }, { kind: 'MeshServiceSubset', name: 'a', tags: {} })],
    [items('from', { kind: 'MeshService', name: 'a' }, { kind: 'MeshService', name: 'b' })],
    [items('to', undefined)],
    [{ ...items('to', { kind: 'MeshGateway', name: 'g' }), ...rules(abort) }],
    [delay('0s', '0')],
    [delay('1s', '100.0')],
    [delay('1s', null)],
    ...['10kbps', '10 Mbps', '10\tGbps', 'Gbps'].map((limit) => [bandwidth(limit)] as const),
  ])('may be %j', (spec) => {
    expect(verdict(meshFaultInjectionType, spec)).toEqual([]);
  });

  it.each<readonly [object, string, string]>([
    [
      { ...items('from', sidecars), ...rules(abort) },
      'spec',
      "field 'from' must be empty when 'rules' is defined",
    ],
    [
      { targetRef: { kind: 'Dataplane', sectionName: 'http' } },
      'spec.targetRef.sectionName',
      'can only be used with inbound policies',
    ],
    [items('from', undefined), 'spec.from', noInbounds],
    [items('from', { kind: 'Mesh', proxyTypes: ['Sidecar', 'Gateway'] }), 'spec.from', noInbounds],
    [items('from', { kind: 'MeshGateway', name: 'g' }), 'spec.from', noInbounds],
    [items('to', sidecars), 'spec.to', 'must not be defined'],
    [items('to', { kind: 'MeshService', name: 'a' }), 'spec.to', 'must not be defined'],
    [
      items('to', mesh, { kind: 'MeshService', name: 'a' }),
      'spec.to[0].targetRef.kind',
      "value 'MeshService' is not supported",
    ],
    [
      items('from', sidecars, { kind: 'Dataplane' }),
      'spec.from[0].targetRef.kind',
      "value 'Dataplane' is not supported",
    ],
    [
      { targetRef: { kind: 'MeshExternalService', name: 'a' } },
      'spec.targetRef.kind',
      "value 'MeshExternalService' is not supported",
    ],
    [
      { rules: [{ matches: [{ spiffeID: { type: 'Prefix', value: 'a' } }], default: {} }] },
      'spec.rules[0].matches[0].spiffeID',
      'must be a valid Spiffe ID',
    ],
    [
      rules({}, { abort: { httpStatus: 99, percentage: 0 } }),
      `${http}.abort[1].httpStatus`,
      'must be in inclusive range [100, 599]',
    ],
    [
      rules({ abort: { httpStatus: 600, percentage: 0 } }),
      `${http}.abort[0].httpStatus`,
      'must be in inclusive range [100, 599]',
    ],
    [rules({ abort: { httpStatus: 500, percentage: -1 } }), `${http}.abort[0].percentage`, range],
    [delay('-1s'), `${http}.delay[0].value`, 'must not be negative when defined'],
    [delay('1s', '100.1'), `${http}.delay[0].percentage`, range],
    [delay('1s', 'x'), `${http}.delay[0].percentage`, 'string must be a valid number'],
    [
      rules({ responseBandwidth: { limit: '1kbps', percentage: 101 } }),
      `${http}.responseBandwidth[0].percentage`,
      range,
    ],
    [bandwidth(''), `${http}.responseBandwidth[0].limit`, 'must be defined'],
    ...['5MBps', '1.5Mbps', '10  kbps', '10bps', '10kbps\n', '-1kbps'].map(
      (limit) => [bandwidth(limit), `${http}.responseBandwidth[0].limit`, units] as const,
    ),
    [{ rules: [{}] }, 'spec.rules[0].default', 'in body is required'],
    [rules({ abort: { httpStatus: 500 } }), `${http}[0].abort.percentage`, 'in body is required'],
    [rules({ delay: { percentage: 1 } }), `${http}[0].delay.value`, 'in body is required'],
    [
      rules({ responseBandwidth: { percentage: 1 } }),
      `${http}[0].responseBandwidth.limit`,
      'in body is required',
    ],
    [
      { rules: [{ matches: [{ spiffeID: { type: 'Suffix', value: 'a' } }], default: {} }] },
      'spec.rules[0].matches[0].spiffeID.type',
      'in body should be one of [Exact Prefix]',
    ],
  ])('is refused as %j at %s', (spec, field, message) => {
    expect(verdict(meshFaultInjectionType, spec)).toEqual([[field, message]]);
  });

  it('is told that percentages are whole or text', () => {
    expect(verdict(meshFaultInjectionType, delay('1s', 1.5))).toEqual([
      ['', `"${http}[0].delay.percentage" must validate at least one schema (anyOf)`],
      [`${http}[0].delay.percentage`, 'in body must be of type integer: "number"'],
    ]);
  });

  it('is stored with what Go makes of it', () => {
    expect(parse(meshFaultInjectionType, delay('90s', null))).toStrictEqual(delay('1m30s', 0));
    expect(parse(meshFaultInjectionType, { from: [{ targetRef: mesh }], targetRef: sidecars })).toStrictEqual(
      {
        from: [{ targetRef: mesh, default: {} }],
        targetRef: sidecars,
      },
    );
  });

  it('is warned of clients that are named by service, each', () => {
    const from = ['a', 'b'].map((name) => ({ targetRef: { kind: 'MeshService', name } }));
    const spec = parse(meshFaultInjectionType, { targetRef: { kind: 'MeshService', name: 'c' }, from });
    const client =
      "MeshService value for 'from[].targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' instead";
    expect(meshFaultInjectionType.deprecations?.(spec, 'x')).toEqual([
      "MeshService value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
      client,
      client,
    ]);
  });
});
