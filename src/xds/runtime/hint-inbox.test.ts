import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KumulusError } from '../../model/errors.ts';
import { silentLogger } from '../../model/ports.ts';
import { tenantId } from '../../model/tenant.ts';
import type { Hint } from '../../store/feed.ts';
import { hintTexts } from '../../store/hint-text.ts';
import { openHintInbox } from './hint-inbox.ts';

const hint = (revision: number): Hint => ({ tenant: tenantId('acme'), mesh: 'default', revision });
const unavailable = () => Promise.reject(new KumulusError('unavailable', 'out of order'));
const gone = () => Promise.reject(new KumulusError('not_found', 'gone'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An inbox on a queue that hands out what the test puts into it, and fails as it says. */
async function createWorld(before: { readonly isBroken?: boolean } = {}) {
  const heard: number[] = [];
  const calls: string[] = [];
  const world = {
    distrusted: 0,
    create: async () => 'address',
    fails: undefined as undefined | (() => Promise<never>),
    remove: async () => {},
    arrive: (_texts: readonly string[]): void => {},
  };
  if (before.isBroken === true) {
    world.create = unavailable;
  }
  const inbox = await openHintInbox({
    name: 'relay-1',
    queues: {
      create(name) {
        calls.push(`create ${name}`);
        return world.create();
      },
      send: async () => {},
      receive(queue, signal) {
        calls.push(`receive ${queue}`);
        return (
          world.fails?.() ??
          new Promise((resolve, reject) => {
            world.arrive = resolve;
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          })
        );
      },
      remove(queue) {
        calls.push(`remove ${queue}`);
        return world.remove();
      },
    },
    onHint: ({ revision }) => void heard.push(revision),
    onDistrust: () => {
      world.distrusted += 1;
    },
    logger: silentLogger,
  });
  const tell = async (...hints: Hint[]) => {
    world.arrive(hintTexts(hints));
    await vi.advanceTimersByTimeAsync(0);
  };
  return Object.assign(world, { inbox, heard, calls, tell });
}

describe('the inbox of a relay', () => {
  it('makes its queue, hears hints, and removes it at the end', async () => {
    const world = await createWorld();
    expect(world.inbox.queue).toBe('address');
    await world.tell(hint(1), hint(2));
    await world.tell(hint(3));
    expect(world.heard).toStrictEqual([1, 2, 3]);
    await world.inbox.close();
    expect(world.inbox.queue).toBeUndefined();
    expect(world.calls).toStrictEqual([
      'create relay-1',
      ...['receive address', 'receive address', 'receive address'],
      'remove address',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is trusted once everybody who commits knows of it', async () => {
    const { inbox } = await createWorld();
    await vi.advanceTimersByTimeAsync(10_999);
    expect(inbox.isTrusted()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(inbox.isTrusted()).toBe(true);
    await inbox.close();
    expect(inbox.isTrusted()).toBe(false);
  });

  it('is not trusted from a hint that came by the feed alone until one comes by it', async () => {
    const world = await createWorld();
    await vi.advanceTimersByTimeAsync(20_000);
    world.inbox.missed();
    world.inbox.missed();
    expect(world.inbox.isTrusted()).toBe(false);
    expect(world.distrusted).toBe(1);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(world.inbox.isTrusted()).toBe(false);
    await world.tell(hint(1));
    expect(world.inbox.isTrusted()).toBe(true);
    await world.inbox.close();
  });

  it('passes over what are no hints', async () => {
    const world = await createWorld();
    await vi.advanceTimersByTimeAsync(20_000);
    world.inbox.missed();
    world.arrive(['hello', '[["acme","default",0.5]]']);
    await vi.advanceTimersByTimeAsync(0);
    expect(world.heard).toStrictEqual([]);
    expect(world.inbox.isTrusted()).toBe(false);
    world.arrive(['hello', ...hintTexts([hint(7)])]);
    await vi.advanceTimersByTimeAsync(0);
    expect(world.heard).toStrictEqual([7]);
    expect(world.inbox.isTrusted()).toBe(true);
    await world.inbox.close();
  });

  it('that cannot be made is tried again, ever more seldom, and keeps nobody waiting', async () => {
    const world = await createWorld({ isBroken: true });
    expect(world.inbox.queue).toBeUndefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.calls.length).toBeLessThan(10);
    expect(world.distrusted).toBe(0);
    world.create = async () => 'address';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(world.inbox.queue).toBe('address');
    await vi.advanceTimersByTimeAsync(11_000);
    expect(world.inbox.isTrusted()).toBe(true);
    await world.inbox.close();
  });

  it.each([
    { what: 'that does not answer is listened to again', fails: unavailable, isMadeAnew: false },
    { what: 'that is gone is made anew', fails: gone, isMadeAnew: true },
  ])('$what, and is not trusted meanwhile', async ({ fails, isMadeAnew }) => {
    const world = await createWorld();
    await vi.advanceTimersByTimeAsync(20_000);
    world.fails = fails;
    await world.tell(hint(1));
    expect(world.inbox.isTrusted()).toBe(false);
    expect(world.distrusted).toBe(1);
    expect(world.inbox.queue).toBe(isMadeAnew ? undefined : 'address');
    await vi.advanceTimersByTimeAsync(20_000);
    world.fails = undefined;
    await vi.advanceTimersByTimeAsync(30_000);
    await world.tell(hint(2));
    expect(world.heard).toStrictEqual([1, 2]);
    expect(world.calls.filter((call) => call.startsWith('create')).length > 1).toBe(isMadeAnew);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(world.inbox.isTrusted()).toBe(true);
    await world.inbox.close();
  });

  it('keeps telling of a queue that it could not remove', async () => {
    const world = await createWorld();
    world.remove = unavailable;
    await world.inbox.close();
    expect(world.inbox.queue).toBe('address');
  });
});
