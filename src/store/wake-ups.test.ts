import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KumulusError } from '../model/errors.ts';
import { silentLogger } from '../model/ports.ts';
import { tenantId } from '../model/tenant.ts';
import type { Hint } from './feed.ts';
import type { Lease } from './leases.ts';
import { createWakeUps } from './wake-ups.ts';

const hint = (revision: number): Hint => ({ tenant: tenantId('acme'), mesh: 'default', revision });
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Wake-ups among relays and queues that do what the test says. */
function createWorld(self?: string) {
  const sent: string[] = [];
  const warnings: string[] = [];
  const world = {
    lists: 0,
    relays: [
      { relay: 'one', expires: 1, queue: 'queue-of-one' },
      { relay: 'two', expires: 1, queue: 'queue-of-two' },
      { relay: 'polls', expires: 1 },
    ] as Lease[],
    send: async (_queue: string): Promise<void> => {},
    list: async (): Promise<void> => {},
  };
  const wakeUps = createWakeUps({
    leases: {
      async list() {
        world.lists += 1;
        await world.list();
        return world.relays;
      },
    },
    queues: {
      async send(queue, text) {
        await world.send(queue);
        sent.push(`${queue} ${text}`);
      },
    },
    ...(self !== undefined && { self }),
    clock: Date.now,
    logger: { ...silentLogger, warn: (message) => warnings.push(message) },
  });
  return Object.assign(world, { sent, warnings, tell: wakeUps.tell });
}

describe('wake-ups', () => {
  it('go to every relay that has a queue', async () => {
    const world = createWorld();
    await world.tell([hint(1), hint(2)]);
    const text = '[["acme","default",1],["acme","default",2]]';
    expect(world.sent).toStrictEqual([`queue-of-one ${text}`, `queue-of-two ${text}`]);
  });

  it('of a relay do not go to itself', async () => {
    const world = createWorld('one');
    await world.tell([hint(1)]);
    expect(world.sent).toStrictEqual(['queue-of-two [["acme","default",1]]']);
  });

  it('look for relays every ten seconds at most, and anew where the clock went back', async () => {
    const world = createWorld();
    await world.tell([hint(1)]);
    vi.setSystemTime(Date.now() + 9_999);
    await Promise.all([world.tell([hint(2)]), world.tell([hint(3)])]);
    expect(world.lists).toBe(1);
    vi.setSystemTime(Date.now() + 1);
    world.relays = [{ relay: 'three', expires: 1, queue: 'queue-of-three' }];
    await world.tell([hint(4)]);
    expect(world.lists).toBe(2);
    expect(world.sent.at(-1)).toBe('queue-of-three [["acme","default",4]]');
    vi.setSystemTime(Date.now() - 3_600_000);
    await world.tell([hint(5)]);
    expect(world.lists).toBe(3);
  });

  it('look for relays anew where a queue is gone, and tell the others', async () => {
    const world = createWorld();
    world.send = async (queue) => {
      if (queue === 'queue-of-one') throw new KumulusError('not_found', 'gone');
    };
    await world.tell([hint(1)]);
    await world.tell([hint(2)]);
    expect(world.sent).toStrictEqual([
      'queue-of-two [["acme","default",1]]',
      'queue-of-two [["acme","default",2]]',
    ]);
    expect(world.lists).toBe(2);
    expect(world.warnings).toStrictEqual([]);
  });

  it.each([
    { what: 'a queue refuses', fails: 'send' },
    { what: 'relays cannot be listed', fails: 'list' },
  ] as const)('fail nobody where $what, and rest for ten seconds', async ({ fails }) => {
    const world = createWorld();
    let tries = 0;
    const { send, list } = world;
    Object.assign(world, {
      [fails]: async () => {
        tries += 1;
        throw new KumulusError('unavailable', 'out of order');
      },
    });
    await world.tell([hint(1)]);
    const before = tries;
    vi.setSystemTime(Date.now() + 9_999);
    await world.tell([hint(2)]);
    expect(tries).toBe(before);
    expect(world.warnings).toHaveLength(1);
    Object.assign(world, { send, list });
    vi.setSystemTime(Date.now() + 1);
    await world.tell([hint(3)]);
    expect(world.sent.map((text) => text.slice(-2))).toStrictEqual([']]', ']]']);
  });

  it('do not rest for longer where the clock goes back', async () => {
    const world = createWorld();
    world.send = () => Promise.reject(new Error('out of order'));
    await world.tell([hint(1)]);
    world.send = async () => {};
    vi.setSystemTime(Date.now() - 3_600_000);
    await world.tell([hint(2)]);
    expect(world.sent).toHaveLength(2);
  });

  it.each(['send', 'list'] as const)('are over after 200 ms where `%s` is not answered', async (hangs) => {
    const world = createWorld();
    world[hangs] = () => new Promise(() => {});
    let isOver = false;
    const told = world.tell([hint(1)]).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(199);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await told;
    expect(world.warnings).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
