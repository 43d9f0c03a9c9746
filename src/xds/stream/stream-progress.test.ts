import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../compile/snapshot.ts';
import { configured, deltaStream, sotwStream } from './stream-state.fixture.ts';

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
