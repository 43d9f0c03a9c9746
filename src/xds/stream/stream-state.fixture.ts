import { expect } from 'vitest';
import { type EncodedResource, type Snapshot, type TypeUrl, typeUrls } from '../../compile/snapshot.ts';
import type { DeltaRequest, SotwRequest } from './discovery-request.ts';
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

/** A proxy that speaks the incremental protocol. */
export function deltaStream() {
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

/** A proxy that speaks the state of the world. */
export function sotwStream() {
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
export function configured() {
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
