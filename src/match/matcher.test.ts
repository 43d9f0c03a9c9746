import { describe, expect, it } from 'vitest';
import { contextOf } from '../context/apply.ts';
import type { Resource } from '../model/resource.ts';
import { createMatcher } from './matcher.ts';
import { planProxy } from './plan.ts';
import { proxyOf } from './proxy.ts';

const times = { creationTime: '', modificationTime: '', version: 1 };

function resource(type: string, name: string, spec: unknown, labels = {}): Resource {
  return { type, mesh: 'default', name, labels, spec, ...times };
}

function dataplane(name: string, service: string, outbounds: readonly string[] = []): Resource {
  return resource('Dataplane', name, {
    networking: {
      address: '10.0.0.1',
      inbound: [{ port: 80, tags: { 'kuma.io/service': service, 'kuma.io/protocol': 'http' } }],
      outbound: outbounds.map((to, at) => ({ port: 90 + at, tags: { 'kuma.io/service': to } })),
    },
  });
}

function to(kind: string, conf: unknown, name?: string) {
  return { targetRef: { kind, ...(name === undefined ? {} : { name }) }, default: conf };
}

const kinds = [{ name: 'A', policy: { isFromAsRules: true } }, { name: 'B' }];
const members = [dataplane('one', 's', ['t', 'u']), dataplane('two', 's', ['t']), dataplane('three', 't')];
const policies = [
  resource('A', 'all', { to: [to('Mesh', { x: 1 }), to('MeshService', { y: 1 }, 't')] }),
  resource('A', 'of-s', { targetRef: { kind: 'MeshService', name: 's' }, from: [to('Mesh', { z: 1 })] }),
  resource('A', 'shadow', { to: [to('Mesh', { x: 9 })] }, { 'kuma.io/effect': 'shadow' }),
  resource('A', 'broken', { to: 'x' }),
  resource('B', 'b', { from: [to('Mesh', { w: 1 })] }),
];
const context = contextOf('default', { revision: 1, resources: [...members, ...policies] });
const matcher = createMatcher(kinds);
const [one, two, three] = members.map((member) => matcher.match(context, proxyOf(member)));

describe('a matcher', () => {
  it('says what policies say, by type', () => {
    expect(one?.types.map(({ policies }) => policies.map(({ name }) => name))).toEqual([
      ['all', 'of-s'],
      ['b'],
    ]);
    expect(one?.outboundTo('t')).toEqual({ A: { x: 1, y: 1 } });
    expect(one?.outboundTo('u')).toEqual({ A: { x: 1 } });
    expect(one?.inbounds[0]?.A?.conf).toEqual({ z: 1 });
    // `from` of a type that does not treat it as rules is about groups of clients alone.
    expect(one?.inbounds[0]?.B?.rules).toEqual([]);
    expect(one?.inbounds[0]?.B?.from.map(({ conf }) => conf)).toEqual([{ w: 1 }]);
    expect(three?.inbounds[0]?.A?.rules).toEqual([]);
  });

  it('gives proxies that are selected alike the same objects', () => {
    expect(two?.outboundTo('t')).toBe(one?.outboundTo('t'));
    expect(two?.inbounds[0]).toBe(one?.inbounds[0]);
    expect(three?.outboundTo('t')).not.toBe(one?.outboundTo('t'));
    expect(three?.inbounds[0]).not.toBe(one?.inbounds[0]);
  });

  it('makes a plan that can be printed', () => {
    const [member] = members;
    expect(member).toBeDefined();
    if (member === undefined || one === undefined) {
      return;
    }
    const plan = planProxy(proxyOf(member), one, context.services);
    expect(
      plan.outbounds.map(({ outbound, protocol }) => [outbound.port, outbound.service, protocol]),
    ).toEqual([
      [90, 't', 'http'],
      [91, 'u', 'unknown'],
    ]);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(proxyOf(member).outbounds[0]).toBe(proxyOf(members[1] ?? member).outbounds[0]);
  });
});
