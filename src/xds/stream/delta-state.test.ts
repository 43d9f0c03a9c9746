import { describe, expect, it } from 'vitest';
import { KumulusError } from '../../model/errors.ts';
import { createDeltaState, type DeltaStateOptions } from './delta-state.ts';
import type { DeltaRequest } from './discovery-request.ts';
import { maxNames, type Servable, type ServableMap, type Step } from './type-state.ts';

/** `a1` is the resource `a` in the version `1`. */
function resource(text: string, size = 10): Servable {
  const name = text.slice(0, -1);
  return { name, version: text.slice(-1), delta: Buffer.alloc(size), any: Buffer.alloc(0) };
}

function resources(...texts: string[]): ServableMap {
  return new Map(texts.map((text) => [text.slice(0, -1), resource(text)]));
}

interface Ask {
  readonly subscribe?: readonly string[];
  readonly unsubscribe?: readonly string[];
  readonly initial?: Readonly<Record<string, string>>;
  readonly nonce?: string;
  readonly refusal?: string;
}

function request({ subscribe = [], unsubscribe = [], initial = {}, nonce = '', refusal }: Ask): DeltaRequest {
  const initialVersions = new Map(Object.entries(initial));
  return { typeUrl: 't', node: undefined, nonce, refusal, subscribe, unsubscribe, initialVersions };
}

/** A state with shorthands: what is sent reads `a1 b2 -c`, nothing reads `undefined`. */
function subscription(options: DeltaStateOptions = {}) {
  const state = createDeltaState(options);
  let nonce = '';
  let revision = 0;
  return {
    state,
    ask: (ask: Ask = {}) => state.receive(request(ask)),
    offer(...texts: string[]) {
      revision += 1;
      state.offer(resources(...texts), revision);
    },
    next(step: Step = 'all') {
      const draft = state.next(step);
      if (draft === undefined) {
        return undefined;
      }
      nonce = draft.nonce;
      const sent = draft.resources.map(({ name, version }) => name + version).sort();
      return [...sent, ...draft.removed.map((name) => `-${name}`).sort()].join(' ');
    },
    acknowledge: () => state.receive(request({ nonce })),
    reject: (refusal: string) => state.receive(request({ nonce, refusal })),
  };
}

/** What is sent now, acknowledged at once. */
function round(it: ReturnType<typeof subscription>, step: Step = 'all') {
  const sent = it.next(step);
  it.acknowledge();
  return sent;
}

describe('a wildcard subscription', () => {
  it('is sent all, then what is new or changed, then what is gone', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b1');
    expect(proxy.next()).toBeUndefined();
    proxy.ask();
    expect(round(proxy)).toBe('a1 b1');
    expect(proxy.next()).toBeUndefined();
    proxy.offer('a1', 'b2', 'c1');
    expect(round(proxy)).toBe('b2 c1');
    proxy.offer('b2');
    expect(round(proxy)).toBe('-a -c');
    expect(proxy.next()).toBeUndefined();
  });

  it('is answered although there is nothing, so that the proxy need not wait', () => {
    const proxy = subscription();
    proxy.offer();
    proxy.ask();
    expect(round(proxy)).toBe('');
    expect(proxy.next()).toBeUndefined();
  });

  it('is named by a star as well, and ends with one', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b1', 'c1');
    proxy.ask({ subscribe: ['*', 'a'] });
    expect(round(proxy)).toBe('a1 b1 c1');
    proxy.ask({ unsubscribe: ['*'] });
    proxy.offer('a2', 'b2', 'c2');
    expect(round(proxy)).toBe('a2');
  });

  it('is told what it holds of a name that it no longer asks for by name', () => {
    const proxy = subscription();
    proxy.offer('a1');
    proxy.ask({ subscribe: ['*', 'a', 'x'] });
    expect(round(proxy)).toBe('a1 -x');
    proxy.ask({ unsubscribe: ['a', 'x'] });
    expect(round(proxy)).toBe('a1 -x');
  });
});

describe('a subscription by name', () => {
  it('is sent the named ones, and told of those that there are none of', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b1');
    proxy.ask({ subscribe: ['a', 'x'] });
    expect(round(proxy, 'additions')).toBe('a1 -x');
    proxy.offer('a1', 'b1', 'x1');
    expect(round(proxy)).toBe('x1');
    proxy.ask({ subscribe: ['b'], unsubscribe: ['a'] });
    expect(round(proxy)).toBe('b1');
    proxy.offer('a2', 'b1', 'x1');
    expect(proxy.next()).toBeUndefined();
  });

  it('is sent again what it names again', () => {
    const proxy = subscription();
    proxy.offer('a1');
    proxy.ask({ subscribe: ['a'] });
    expect(round(proxy)).toBe('a1');
    proxy.ask({ subscribe: ['a'] });
    expect(round(proxy)).toBe('a1');
  });

  it('with no name in its first request is a wildcard', () => {
    const proxy = subscription();
    proxy.offer('a1');
    proxy.ask({ unsubscribe: ['z'] });
    expect(round(proxy)).toBe('a1');
  });
});

describe('a proxy that comes back', () => {
  it.each([
    { note: 'holds all', initial: { a: '1', b: '1' }, sent: undefined },
    { note: 'holds an old version', initial: { a: '0', b: '1' }, sent: 'a1' },
    { note: 'lacks one', initial: { b: '1' }, sent: 'a1' },
    { note: 'holds one that is gone', initial: { a: '1', b: '1', c: '1' }, sent: '-c' },
    { note: 'holds one without a version', initial: { a: '', b: '1' }, sent: 'a1' },
    { note: 'holds nothing', initial: {}, sent: 'a1 b1' },
  ])('and $note is sent the difference', ({ initial, sent }) => {
    const proxy = subscription();
    proxy.offer('a1', 'b1');
    proxy.ask({ initial });
    expect(proxy.next()).toBe(sent);
  });

  it('may name what it holds in later requests', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b2', 'c1');
    proxy.ask({ subscribe: ['a'], initial: { a: '1', b: '1', c: '1' } });
    expect(proxy.next()).toBeUndefined();
    proxy.ask({ subscribe: ['b', 'c'] });
    expect(round(proxy)).toBe('b2');
    proxy.ask({ subscribe: ['c'] });
    expect(round(proxy)).toBe('c1');
  });

  it('is told of a name that is gone at the step of removals only', () => {
    const proxy = subscription();
    proxy.offer('a1');
    proxy.ask({ subscribe: ['a', 'z'], initial: { a: '1', z: '1' } });
    expect(proxy.next('additions')).toBeUndefined();
    expect(proxy.next('all')).toBe('-z');
  });
});

describe('answers', () => {
  it('let no second response out while one is in flight, and merge what changes meanwhile', () => {
    const proxy = subscription();
    proxy.offer('a1');
    proxy.ask();
    expect(proxy.next()).toBe('a1');
    proxy.offer('a2');
    proxy.offer('a3', 'b1');
    expect(proxy.state.inFlight).toBe(true);
    expect(proxy.next()).toBeUndefined();
    expect(proxy.acknowledge()).toEqual({ kind: 'acknowledged', revision: 1 });
    expect(proxy.next()).toBe('a3 b1');
  });

  it('to anything but the response in flight are no answers', () => {
    const proxy = subscription();
    proxy.offer('a1');
    proxy.ask();
    proxy.next();
    expect(proxy.ask({ nonce: 'another' })).toBeUndefined();
    expect(proxy.ask({ refusal: 'no nonce' })).toBeUndefined();
    expect(proxy.state.inFlight).toBe(true);
    proxy.acknowledge();
    expect(proxy.acknowledge()).toBeUndefined();
  });

  it('that refuse a version keep it back until it changes', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b1');
    proxy.ask();
    proxy.next();
    expect(proxy.reject('bad a')).toEqual({ kind: 'rejected', revision: 1, message: 'bad a' });
    expect(proxy.state.rejected).toBe(true);
    expect(proxy.next()).toBeUndefined();
    proxy.offer('a1', 'b2');
    expect(round(proxy)).toBe('b2');
    // What it took since says nothing of what it refused.
    expect(proxy.state.rejected).toBe(true);
    expect(proxy.state.completed).toBeUndefined();
    proxy.offer('a2', 'b2');
    expect(round(proxy)).toBe('a2');
    expect(proxy.state.rejected).toBe(false);
  });

  it('may subscribe at the same time', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b1');
    proxy.ask({ subscribe: ['a'] });
    proxy.next();
    expect(proxy.ask({ nonce: '1', subscribe: ['b'] })).toEqual({ kind: 'acknowledged', revision: 1 });
    expect(proxy.next()).toBe('b1');
  });

  it('keep a bounded piece of a long refusal', () => {
    const proxy = subscription();
    proxy.offer('a1');
    proxy.ask();
    proxy.next();
    expect(proxy.reject('x'.repeat(100_000))).toMatchObject({ message: 'x'.repeat(4096) });
  });
});

describe('steps', () => {
  it('keep removals back until all may be sent', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b1');
    proxy.ask();
    round(proxy);
    proxy.offer('b2');
    expect(round(proxy, 'additions')).toBe('b2');
    expect(proxy.next('additions')).toBeUndefined();
    expect(round(proxy, 'all')).toBe('-a');
  });

  it('are one where removals belong together with additions', () => {
    const proxy = subscription({ removeAtOnce: true });
    proxy.offer('a1', 'b1');
    proxy.ask();
    round(proxy);
    proxy.offer('c1');
    expect(round(proxy, 'additions')).toBe('c1 -a -b');
  });

  it('forget a removal when the resource is back in time', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b1');
    proxy.ask();
    round(proxy);
    proxy.offer('b1');
    expect(proxy.next('additions')).toBeUndefined();
    proxy.offer('a1', 'b1');
    expect(proxy.next('all')).toBeUndefined();
  });
});

describe('resend', () => {
  it('sends what is held once more, present or not', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b1');
    proxy.ask({ subscribe: ['a', 'b', 'x'] });
    expect(round(proxy)).toBe('a1 b1 -x');
    proxy.state.resend(['a', 'x', 'nobody asked for']);
    expect(round(proxy, 'additions')).toBe('a1 -x');
    expect(proxy.next()).toBeUndefined();
  });

  it('holds for a proxy that comes back and has yet to name what it holds', () => {
    const proxy = subscription();
    proxy.offer('a1', 'b1');
    proxy.state.resend(['a']);
    proxy.ask({ subscribe: ['a', 'b'], initial: { a: '1', b: '1' } });
    expect(round(proxy)).toBe('a1');
    expect(proxy.next()).toBeUndefined();
  });
});

describe('bounds', () => {
  it('close a response at its size and send the rest after its answer, removals with the last', () => {
    const proxy = subscription({ maxResponseBytes: 25 });
    proxy.offer('a1', 'b1', 'c1', 'd1', 'e1');
    proxy.ask({ initial: { z: '1' } });
    expect(round(proxy)).toBe('a1 b1');
    expect(round(proxy)).toBe('c1 d1');
    expect(round(proxy)).toBe('e1 -z');
  });

  it('let a resource through that is larger than a response should be', () => {
    const proxy = subscription({ maxResponseBytes: 5 });
    proxy.offer('a1', 'b1');
    proxy.ask();
    expect(round(proxy)).toBe('a1');
    expect(round(proxy)).toBe('b1');
  });

  it('refuse more names than a proxy can have', () => {
    const proxy = subscription();
    const subscribe = Array.from({ length: maxNames + 1 }, (_, index) => `n${index}`);
    expect(() => proxy.ask({ subscribe })).toThrow(KumulusError);
    expect(() => proxy.ask({ subscribe })).toThrow(`at most ${maxNames} names, got ${maxNames + 1}`);
  });
});
