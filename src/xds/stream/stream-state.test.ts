import { describe, expect, it } from 'vitest';
import { type EncodedResource, type Snapshot, type TypeUrl, typeUrls } from '../../compile/snapshot.ts';
import type { DeltaRequest, SotwRequest } from './discovery-request.ts';
import { runtimeTypeUrl } from './runtime-layer.ts';
import { createStreamState, deltaProtocol, type Protocol, sotwProtocol } from './stream-state.ts';
import type { Draft } from './type-state.ts';

const short: Readonly<Record<string, TypeUrl>> = {
  c: typeUrls.cluster,
  e: typeUrls.endpoint,
  l: typeUrls.listener,
  r: typeUrls.route,
  s: typeUrls.secret,
};

/** `c:a1` is the cluster `a` in the version `1`. */
function resource(text: string): EncodedResource {
  const [type = '', rest = ''] = text.split(':');
  const typeUrl = short[type] ?? typeUrls.cluster;
  return {
    name: rest.slice(0, -1),
    typeUrl,
    version: rest.slice(-1),
    delta: Buffer.alloc(1),
    any: Buffer.alloc(1),
  };
}

function snapshot(revision: number, texts: string): Snapshot {
  const all = texts.split(' ').filter(Boolean).map(resource);
  const of = (typeUrl: TypeUrl) =>
    new Map(all.filter((each) => each.typeUrl === typeUrl).map((each) => [each.name, each]));
  return {
    revision,
    resources: {
      [typeUrls.cluster]: of(typeUrls.cluster),
      [typeUrls.endpoint]: of(typeUrls.endpoint),
      [typeUrls.listener]: of(typeUrls.listener),
      [typeUrls.route]: of(typeUrls.route),
      [typeUrls.secret]: of(typeUrls.secret),
    },
  };
}

/** A stream with shorthands: responses read `c:a1 -b`, and their nonces are kept by type. */
function stream<Request extends { readonly typeUrl: string }>(protocol: Protocol<Request>) {
  const nonces = new Map<string, string>();
  const letter = (typeUrl: string) => Object.entries(short).find(([, url]) => url === typeUrl)?.[0] ?? 'x';
  let text = '';
  const frame = (typeUrl: string, draft: Draft) => {
    nonces.set(typeUrl, draft.nonce);
    const sent = draft.resources.map(({ name, version }) => name + version).sort();
    text = `${letter(typeUrl)}:${[...sent, ...draft.removed.map((name) => `-${name}`)].join(' ')}`;
    return Buffer.alloc(0);
  };
  const state = createStreamState({ ...protocol, frame });
  let revision = 0;
  return {
    state,
    nonces,
    offer(texts: string) {
      revision += 1;
      state.offer(snapshot(revision, texts));
    },
    /** All that is sent without an answer. */
    sent() {
      const all: string[] = [];
      while (state.next() !== undefined) {
        all.push(text);
      }
      return all;
    },
  };
}

function deltaStream() {
  const it = stream(deltaProtocol);
  const request = (type: string, rest: Partial<DeltaRequest>): DeltaRequest => ({
    typeUrl: short[type] ?? type,
    node: undefined,
    nonce: '',
    refusal: undefined,
    subscribe: [],
    unsubscribe: [],
    initialVersions: new Map(),
    ...rest,
  });
  return {
    ...it,
    ask: (type: string, rest: Partial<DeltaRequest> = {}) => it.state.receive(request(type, rest)),
    answer: (type: string, refusal?: string) =>
      it.state.receive(request(type, { nonce: it.nonces.get(short[type] ?? type) ?? '', refusal })),
  };
}

function sotwStream() {
  const it = stream(sotwProtocol);
  const request = (type: string, rest: Partial<SotwRequest>): SotwRequest => ({
    typeUrl: short[type] ?? type,
    node: undefined,
    nonce: '',
    refusal: undefined,
    names: [],
    version: '',
    ...rest,
  });
  return {
    ...it,
    ask: (type: string, rest: Partial<SotwRequest> = {}) => it.state.receive(request(type, rest)),
    answer: (type: string, rest: Partial<SotwRequest> = {}) =>
      it.state.receive(request(type, { nonce: it.nonces.get(short[type] ?? type) ?? '', ...rest })),
  };
}

/** A proxy that has taken `c:a1 e:a1 l:in1`. */
function configured() {
  const proxy = deltaStream();
  proxy.offer('c:a1 e:a1 l:in1');
  proxy.ask('c');
  proxy.ask('l');
  proxy.ask('e', { subscribe: ['a'] });
  expect(proxy.sent()).toEqual(['c:a1', 'e:a1']);
  proxy.answer('c');
  proxy.answer('e');
  expect(proxy.sent()).toEqual(['l:in1']);
  proxy.answer('l');
  expect(proxy.sent()).toEqual([]);
  return proxy;
}

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

describe('what a proxy has', () => {
  it('is nothing before it has clusters and listeners, then all that it was given and took', () => {
    const proxy = deltaStream();
    proxy.offer('c:a1 e:a1 l:in1');
    proxy.ask('c');
    expect(proxy.sent()).toEqual(['c:a1']);
    proxy.answer('c');
    expect(proxy.sent()).toEqual([]);
    expect(proxy.state.completed).toBeUndefined();
    proxy.ask('l');
    expect(proxy.sent()).toEqual(['l:in1']);
    expect(proxy.state.completed).toBeUndefined();
    expect(proxy.state.answered).toBeUndefined();
    proxy.answer('l');
    // Endpoints it need not ask for.
    expect(proxy.sent()).toEqual([]);
    expect(proxy.state.completed).toBe(1);
    expect(proxy.state.answered).toBe(1);
  });

  it('is a revision that changes nothing of it at once, and one that does when all is taken', () => {
    const proxy = configured();
    expect(proxy.state.completed).toBe(1);
    proxy.offer('c:a1 e:a1 l:in1');
    expect(proxy.sent()).toEqual([]);
    expect(proxy.state.completed).toBe(2);
    proxy.offer('c:b1 e:a1 l:in2');
    expect(proxy.sent()).toEqual(['c:b1']);
    proxy.answer('c');
    expect(proxy.sent()).toEqual(['l:in2']);
    expect(proxy.state.completed).toBe(2);
    proxy.answer('l');
    // The cluster that is gone is removed last of all.
    expect(proxy.sent()).toEqual(['c:-a']);
    expect(proxy.state.completed).toBe(2);
    expect(proxy.state.answered).toBeUndefined();
    proxy.answer('c');
    expect(proxy.sent()).toEqual([]);
    expect(proxy.state.completed).toBe(3);
    expect(proxy.state.answered).toBe(3);
  });

  it('moves on although something newer is always on its way', () => {
    const proxy = configured();
    for (let version = 2; version < 7; version += 1) {
      proxy.offer(`c:a1 e:a1 l:in${version}`);
      proxy.sent();
      proxy.offer(`c:a1 e:a1 l:out${version}`);
      proxy.answer('l');
      proxy.sent();
      expect(proxy.state.completed).toBe(2 * version - 2);
      proxy.answer('l');
    }
  });

  it('is not what it refused, whatever else it takes, until it takes that or need not have it', () => {
    const proxy = configured();
    proxy.offer('c:a1 e:a1 l:in1 l:out1');
    proxy.sent();
    proxy.answer('l', 'address in use');
    expect(proxy.sent()).toEqual([]);
    expect([proxy.state.completed, proxy.state.answered, proxy.state.refused]).toEqual([
      1,
      2,
      [typeUrls.listener],
    ]);
    proxy.offer('c:a1 e:a1 l:in2 l:out1');
    expect(proxy.sent()).toEqual(['l:in2']);
    proxy.answer('l');
    expect(proxy.sent()).toEqual([]);
    expect([proxy.state.completed, proxy.state.answered, proxy.state.refused]).toEqual([
      1,
      3,
      [typeUrls.listener],
    ]);
    proxy.offer('c:a1 e:a1 l:in2');
    expect(proxy.sent()).toEqual(['l:-out']);
    proxy.answer('l');
    expect(proxy.sent()).toEqual([]);
    expect([proxy.state.completed, proxy.state.refused]).toEqual([4, []]);
  });

  it('is known of a proxy that comes back once its requests have arrived', () => {
    const proxy = deltaStream();
    proxy.offer('c:a1 l:in1');
    proxy.ask('c', { initialVersions: new Map([['a', '1']]) });
    proxy.ask('l', { initialVersions: new Map([['in', '1']]) });
    expect(proxy.sent()).toEqual([]);
    expect([proxy.state.completed, proxy.state.answered]).toEqual([undefined, undefined]);
    proxy.state.settle();
    expect(proxy.sent()).toEqual([]);
    expect([proxy.state.completed, proxy.state.answered]).toEqual([1, 1]);
  });

  it('is known in the other protocol, too', () => {
    const proxy = sotwStream();
    proxy.offer('c:a1 l:in1');
    proxy.ask('c');
    proxy.ask('l');
    proxy.sent();
    proxy.answer('c');
    proxy.sent();
    proxy.answer('l');
    proxy.sent();
    expect(proxy.state.completed).toBe(1);
    proxy.offer('c:b1 l:in2');
    proxy.sent();
    proxy.answer('c');
    proxy.sent();
    proxy.answer('l', { refusal: 'no' });
    expect(proxy.sent()).toEqual([]);
    expect([proxy.state.completed, proxy.state.answered, proxy.state.refused]).toEqual([
      1,
      2,
      [typeUrls.listener],
    ]);
    proxy.offer('c:b1 l:in3');
    proxy.sent();
    proxy.answer('l');
    expect(proxy.sent()).toEqual(['c:b1']);
    expect(proxy.state.completed).toBe(1);
    proxy.answer('c');
    proxy.sent();
    expect(proxy.state.completed).toBe(3);
  });
});
