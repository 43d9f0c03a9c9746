import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../compile/snapshot.ts';
import { runtimeTypeUrl } from './runtime-layer.ts';
import { configured, deltaStream, sotwStream } from './stream-state.fixture.ts';

describe('make before break', () => {
  it('sends listeners once the proxy has answered the clusters, and removes last of all', () => {
    const proxy = configured();
    proxy.offer('c:b1 e:b1 l:in2');
    expect(proxy.sent()).toEqual(['c:b1']);
    proxy.ask('e', { subscribe: ['b'] });
    expect(proxy.sent()).toEqual(['e:b1']);
    proxy.answer('c');
    expect(proxy.sent()).toEqual(['l:in2']);
    proxy.answer('e');
    expect(proxy.sent()).toEqual([]);
    proxy.answer('l');
    expect(proxy.sent()).toEqual(['c:-a']);
    proxy.answer('c');
    expect(proxy.sent()).toEqual(['e:-a']);
  });

  it('sends listeners although the clusters were refused, but removes nothing while listeners are', () => {
    const proxy = configured();
    proxy.offer('c:b1 l:in2');
    expect(proxy.sent()).toEqual(['c:b1']);
    expect(proxy.answer('c', 'bad cluster')).toEqual({
      typeUrl: typeUrls.cluster,
      verdict: { kind: 'rejected', revision: 2, message: 'bad cluster' },
    });
    expect(proxy.sent()).toEqual(['l:in2']);
    proxy.answer('l', 'bad listener');
    expect(proxy.sent()).toEqual([]);
    proxy.offer('c:b1 l:in3');
    expect(proxy.sent()).toEqual(['l:in3']);
    proxy.answer('l');
    expect(proxy.sent()).toEqual(['c:-a']);
    proxy.answer('c');
    expect(proxy.sent()).toEqual(['e:-a']);
  });

  it('removes a listener along with the one that takes its place', () => {
    const proxy = configured();
    proxy.offer('c:a1 e:a1 l:new1');
    expect(proxy.sent()).toEqual(['l:new1 -in']);
  });

  it('waits for routes before it removes their clusters', () => {
    const proxy = configured();
    proxy.offer('c:a1 e:a1 l:in1 r:r1');
    proxy.ask('r', { subscribe: ['r'] });
    expect(proxy.sent()).toEqual(['r:r1']);
    proxy.answer('r');
    proxy.offer('c:b1 l:in1 r:r2');
    expect(proxy.sent()).toEqual(['c:b1']);
    proxy.answer('c');
    expect(proxy.sent()).toEqual(['r:r2']);
    proxy.answer('r');
    expect(proxy.sent()).toEqual(['c:-a']);
  });

  it('keeps clusters in whole responses until they are no longer used', () => {
    const proxy = sotwStream();
    proxy.offer('c:a1 l:in1');
    proxy.ask('c');
    proxy.ask('l');
    expect(proxy.sent()).toEqual(['c:a1']);
    proxy.answer('c');
    expect(proxy.sent()).toEqual(['l:in1']);
    proxy.answer('l');
    proxy.offer('c:b1 l:in2');
    expect(proxy.sent()).toEqual(['c:a1 b1']);
    proxy.answer('c');
    expect(proxy.sent()).toEqual(['l:in2']);
    proxy.answer('l');
    expect(proxy.sent()).toEqual(['c:b1']);
  });
});

describe('warming', () => {
  it('sends the endpoints of a cluster again after the cluster', () => {
    const proxy = configured();
    proxy.offer('c:a2 e:a1 l:in1');
    expect(proxy.sent()).toEqual(['c:a2', 'e:a1']);
  });

  it('tells again of endpoints that there are none of', () => {
    const proxy = deltaStream();
    proxy.offer('c:a1');
    proxy.ask('c');
    proxy.ask('e', { subscribe: ['a'] });
    expect(proxy.sent()).toEqual(['c:a1', 'e:-a']);
    proxy.answer('c');
    proxy.answer('e');
    proxy.offer('c:a2');
    expect(proxy.sent()).toEqual(['c:a2', 'e:-a']);
  });

  it('does the same for a proxy that has come back, and only for what changed', () => {
    const proxy = deltaStream();
    proxy.offer('c:a2 c:b1 e:a1 e:b1');
    proxy.ask('c', {
      initialVersions: new Map([
        ['a', '1'],
        ['b', '1'],
      ]),
    });
    expect(proxy.sent()).toEqual(['c:a2']);
    proxy.ask('e', {
      subscribe: ['a', 'b'],
      initialVersions: new Map([
        ['a', '1'],
        ['b', '1'],
      ]),
    });
    expect(proxy.sent()).toEqual(['e:a1']);
  });

  it('works in whole responses, too, and only for what changed', () => {
    const proxy = sotwStream();
    proxy.offer('c:a1 c:b1 e:a1 e:b1');
    proxy.ask('c');
    expect(proxy.sent()).toEqual(['c:a1 b1']);
    proxy.ask('e', { names: ['a', 'b'] });
    expect(proxy.sent()).toEqual(['e:a1 b1']);
    proxy.answer('c');
    proxy.answer('e', { names: ['a', 'b'] });
    proxy.offer('c:a1 c:b2 e:a1 e:b1');
    expect(proxy.sent()).toEqual(['c:a1 b2', 'e:b1']);
  });
});

describe('a proxy that comes back', () => {
  it('is told to remove nothing before its requests have arrived', () => {
    const proxy = deltaStream();
    proxy.offer('c:b1 l:in2');
    proxy.ask('c', {
      initialVersions: new Map([
        ['a', '1'],
        ['b', '1'],
      ]),
    });
    expect(proxy.state.unsettled).toBe(true);
    expect(proxy.sent()).toEqual([]);
    proxy.ask('l', { initialVersions: new Map([['in', '1']]) });
    expect(proxy.sent()).toEqual(['l:in2']);
    proxy.answer('l');
    expect(proxy.sent()).toEqual([]);
    proxy.state.settle();
    expect(proxy.sent()).toEqual(['c:-a']);
    proxy.ask('s', { subscribe: ['s'], initialVersions: new Map([['s', '1']]) });
    expect(proxy.state.unsettled).toBe(false);
  });

  it('is sent nothing that it holds', () => {
    const proxy = deltaStream();
    proxy.offer('c:a1 e:a1 l:in1 s:ca1');
    proxy.ask('c', { initialVersions: new Map([['a', '1']]) });
    proxy.ask('e', { subscribe: ['a'], initialVersions: new Map([['a', '1']]) });
    proxy.ask('l', { initialVersions: new Map([['in', '1']]) });
    proxy.ask('s', { subscribe: ['ca'], initialVersions: new Map([['ca', '1']]) });
    proxy.state.settle();
    expect(proxy.sent()).toEqual([]);
  });
});

describe('types', () => {
  it('are those of Kuma, and the runtime layer of gateways', () => {
    const proxy = deltaStream();
    expect(Object.values(typeUrls).every(proxy.state.knows)).toBe(true);
    expect(proxy.state.knows('type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration')).toBe(
      false,
    );
    expect(proxy.ask('no such type')).toBeUndefined();
    proxy.ask(runtimeTypeUrl, { subscribe: ['gateway.listeners'] });
    expect(proxy.sent()).toEqual(['x:gateway.listeners1']);
  });

  it('have revisions that answers refer to', () => {
    const proxy = configured();
    proxy.offer('c:a2 e:a1 l:in1');
    expect(proxy.state.next()).toMatchObject({ typeUrl: typeUrls.cluster, revision: 2 });
    expect(proxy.answer('c')).toEqual({
      typeUrl: typeUrls.cluster,
      verdict: { kind: 'acknowledged', revision: 2 },
    });
  });

  it('may all be asked for before there is a snapshot', () => {
    const proxy = deltaStream();
    proxy.ask('c');
    proxy.ask('l');
    expect(proxy.sent()).toEqual([]);
    proxy.offer('c:a1 l:in1');
    expect(proxy.sent()).toEqual(['c:a1']);
  });
});
