import { describe, expect, it } from 'vitest';
import { createSotwState } from './sotw-state.ts';
import type { Servable, ServableMap, Step } from './type-state.ts';

function resources(...texts: string[]): ServableMap {
  return new Map(
    texts.map((text): [string, Servable] => {
      const name = text.slice(0, -1);
      return [name, { name, version: text.slice(-1), delta: Buffer.alloc(0), any: Buffer.alloc(0) }];
    }),
  );
}

interface Ask {
  readonly names?: readonly string[];
  readonly version?: string;
  readonly nonce?: string;
  readonly refusal?: string;
}

/** A state with shorthands: what is sent reads `a1 b2`. */
function subscription(whole: boolean, removeAtOnce = false, hasStandIns = false) {
  const none = Buffer.alloc(0);
  const absent = (name: string): Servable => ({ name, version: '0', delta: none, any: none });
  const state = createSotwState({ whole, removeAtOnce, ...(hasStandIns && { absent }) });
  let revision = 0;
  const last = { nonce: '', version: '' };
  const ask = ({ names = [], version = '', nonce = '', refusal }: Ask = {}) =>
    state.receive({ typeUrl: 't', node: undefined, names, version, nonce, refusal });
  return {
    state,
    last,
    ask,
    offer(...texts: string[]) {
      revision += 1;
      state.offer(resources(...texts), revision);
    },
    next(step: Step = 'all') {
      const draft = state.next(step);
      if (draft === undefined) {
        return undefined;
      }
      expect(draft.removed).toEqual([]);
      last.nonce = draft.nonce;
      last.version = draft.version;
      return draft.resources
        .map(({ name, version }) => name + version)
        .sort()
        .join(' ');
    },
    acknowledge: (names: readonly string[] = []) => ask({ names, ...last }),
    reject: (refusal: string, names: readonly string[] = []) => ask({ names, nonce: last.nonce, refusal }),
  };
}

describe('a type that is sent as a whole', () => {
  it('is sent again with all that there is when anything changes', () => {
    const proxy = subscription(true);
    proxy.offer('a1', 'b1');
    proxy.ask();
    expect(proxy.next()).toBe('a1 b1');
    expect(proxy.acknowledge()).toEqual({ kind: 'acknowledged', revision: 1 });
    expect(proxy.next()).toBeUndefined();
    proxy.offer('a1', 'b2');
    expect(proxy.next()).toBe('a1 b2');
  });

  it('is answered although there is nothing', () => {
    const proxy = subscription(true);
    proxy.offer();
    proxy.ask();
    expect(proxy.next()).toBe('');
    proxy.acknowledge();
    expect(proxy.next()).toBeUndefined();
  });

  it('keeps what is gone until removals are due', () => {
    const proxy = subscription(true);
    proxy.offer('a1', 'b1');
    proxy.ask();
    proxy.next();
    proxy.acknowledge();
    proxy.offer('b1', 'c1');
    expect(proxy.next('additions')).toBe('a1 b1 c1');
    const kept = proxy.last.version;
    proxy.acknowledge();
    expect(proxy.next('additions')).toBeUndefined();
    expect(proxy.next('all')).toBe('b1 c1');
    expect(proxy.last.version).not.toBe(kept);
  });

  it('drops at once what must not stay beside what is new', () => {
    const proxy = subscription(true, true);
    proxy.offer('a1');
    proxy.ask();
    proxy.next();
    proxy.acknowledge();
    proxy.offer('b1');
    expect(proxy.next('additions')).toBe('b1');
  });

  it('can be asked for by name', () => {
    const proxy = subscription(true);
    proxy.offer('a1', 'b1');
    proxy.ask({ names: ['a'] });
    expect(proxy.next()).toBe('a1');
  });

  it('says which resources changed, and not those beside them', () => {
    const proxy = subscription(true);
    proxy.offer('a1', 'b1');
    proxy.ask();
    proxy.next();
    proxy.acknowledge();
    proxy.offer('a1', 'b2');
    expect(proxy.state.next('all')).toMatchObject({ changed: ['b'] });
  });
});

describe('a type that is sent in parts', () => {
  it('is sent what is new of the names, as they come and go', () => {
    const proxy = subscription(false);
    proxy.offer('a1', 'b1', 'c1');
    proxy.ask({ names: ['a'] });
    expect(proxy.next()).toBe('a1');
    proxy.acknowledge(['a', 'b']);
    expect(proxy.next()).toBe('b1');
    proxy.acknowledge(['b']);
    proxy.offer('a2', 'b1', 'c2');
    expect(proxy.next()).toBeUndefined();
    proxy.ask({ names: ['b', 'a'], nonce: proxy.last.nonce });
    expect(proxy.next()).toBe('a2');
  });

  it('is not a wildcard without names', () => {
    const proxy = subscription(false);
    proxy.offer('a1');
    proxy.ask();
    expect(proxy.next()).toBeUndefined();
  });

  it('is sent once more where it must be', () => {
    const proxy = subscription(false);
    proxy.offer('a1', 'b1');
    proxy.ask({ names: ['a', 'b'] });
    proxy.next();
    proxy.acknowledge(['a', 'b']);
    proxy.state.resend(['b']);
    expect(proxy.next()).toBe('b1');
    proxy.acknowledge(['a', 'b']);
    expect(proxy.next()).toBeUndefined();
  });
});

describe('a proxy that comes back', () => {
  /** The version that a proxy ends up with after these responses. */
  function versionAfter(whole: boolean, names: readonly string[], ...offers: string[][]) {
    const proxy = subscription(whole);
    proxy.ask({ names });
    for (const offer of offers) {
      proxy.offer(...offer);
      proxy.next();
      proxy.acknowledge(names);
    }
    return proxy.last.version;
  }

  it.each([
    { whole: true, names: [], before: [['a1', 'b1']], now: ['b1', 'a1'], sent: undefined },
    { whole: true, names: [], before: [['a1', 'b1']], now: ['a1', 'b2'], sent: 'a1 b2' },
    { whole: true, names: [], before: [['a1', 'b1']], now: ['a1'], sent: 'a1' },
    {
      whole: false,
      names: ['a', 'b'],
      before: [
        ['a1', 'b1'],
        ['a1', 'b2'],
      ],
      now: ['a1', 'b2'],
      sent: undefined,
    },
    { whole: false, names: ['a', 'b'], before: [['a1', 'b1']], now: ['a1', 'b2'], sent: 'a1 b2' },
    { whole: false, names: ['a', 'x'], before: [['a1']], now: ['a1'], sent: undefined },
    { whole: false, names: ['a', 'x'], before: [['a1']], now: ['a1', 'x1'], sent: 'a1 x1' },
  ])('with the version of $before and now $now is sent $sent', ({ whole, names, before, now, sent }) => {
    const proxy = subscription(whole);
    proxy.offer(...now);
    proxy.ask({ names, version: versionAfter(whole, names, ...before) });
    expect(proxy.next()).toBe(sent);
  });

  it('asks for one more and is sent all, for its version says nothing of that one', () => {
    const proxy = subscription(false);
    proxy.offer('a1', 'b1');
    proxy.ask({ names: ['a', 'b'], version: versionAfter(false, ['a'], ['a1']) });
    expect(proxy.next()).toBe('a1 b1');
  });

  it('is sent again what its clusters wait for', () => {
    const proxy = subscription(false);
    proxy.offer('a1', 'b1');
    proxy.state.resend(['b']);
    proxy.ask({ names: ['a', 'b'], version: versionAfter(false, ['a', 'b'], ['a1', 'b1']) });
    expect(proxy.next()).toBe('b1');
  });
});

describe('answers', () => {
  it('to an older response are ignored, names and all', () => {
    const proxy = subscription(false);
    proxy.offer('a1', 'b1');
    proxy.ask({ names: ['a'] });
    proxy.next();
    const { nonce } = proxy.last;
    proxy.acknowledge(['a']);
    proxy.offer('a2', 'b1');
    proxy.next();
    expect(proxy.ask({ names: ['a', 'b'], nonce })).toBeUndefined();
    expect(proxy.state.inFlight).toBe(true);
    expect(proxy.acknowledge(['a', 'b'])).toEqual({ kind: 'acknowledged', revision: 2 });
    expect(proxy.next()).toBe('b1');
  });

  it('that refuse a version keep it back until it changes', () => {
    const proxy = subscription(true);
    proxy.offer('a1');
    proxy.ask();
    proxy.next();
    expect(proxy.reject('no')).toEqual({ kind: 'rejected', revision: 1, message: 'no' });
    expect(proxy.state.rejected).toBe(true);
    expect(proxy.next()).toBeUndefined();
    proxy.offer('a2');
    expect(proxy.next()).toBe('a2');
  });

  it('merge what changes while one is in flight', () => {
    const proxy = subscription(true);
    proxy.offer('a1');
    proxy.ask();
    proxy.next();
    proxy.offer('a2');
    proxy.offer('a3');
    expect(proxy.next()).toBeUndefined();
    proxy.acknowledge();
    expect(proxy.next()).toBe('a3');
  });
});

describe('names that there is nothing of', () => {
  it('are waited for, or stood in for where they are asked for later', () => {
    const plain = subscription(false);
    plain.offer('a1');
    plain.ask({ names: ['a'] });
    plain.next();
    plain.acknowledge(['a', 'b']);
    expect(plain.next()).toBeUndefined();

    const proxy = subscription(false, false, true);
    proxy.offer('a1');
    proxy.ask({ names: ['a', 'old'] });
    expect(proxy.next()).toBe('a1');
    proxy.acknowledge(['a', 'old', 'b']);
    // It may still use what it has of `old`; of `b` it can have nothing.
    expect(proxy.next()).toBe('b0');
    proxy.acknowledge(['a', 'old', 'b']);
    expect(proxy.next()).toBeUndefined();
    proxy.offer('a1', 'b1');
    expect(proxy.next()).toBe('b1');
    proxy.acknowledge(['a', 'old', 'b']);
    proxy.offer('a1');
    // What it was given it keeps until it is told not to use it.
    expect(proxy.next()).toBeUndefined();
  });
});
