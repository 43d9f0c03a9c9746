import { describe, expect, it } from 'vitest';
import { tenantId } from '../../model/tenant.ts';
import { createFairScheduler } from './fair-scheduler.ts';
import { createInTurn } from './in-turn.ts';

/** A flow whose turns of the event loop come when the test says so; each piece of work takes a millisecond. */
function world() {
  let now = 0;
  const turns: (() => void)[] = [];
  const scheduler = createFairScheduler({
    turnMs: 4,
    sliceMs: 2,
    now: () => now,
    nextTurn: (work) => turns.push(work),
  });
  const flow = scheduler.flow(tenantId('acme'));
  const log: string[] = [];
  return {
    flow,
    log,
    inTurn: createInTurn(flow),
    work: (name: string) => () => {
      now += 1;
      log.push(name);
      return name;
    },
    turn() {
      for (const work of turns.splice(0)) {
        work();
      }
    },
  };
}

describe('createInTurn', () => {
  it('does what there is time for in a turn, in order, and the rest in the next ones', async () => {
    const { inTurn, work, turn, log } = world();
    const done = Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => inTurn(work(name))));
    expect(log).toEqual(['a', 'b', 'c', 'd']);
    turn();
    expect(log).toHaveLength(6);
    expect(await done).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('leaves every other slice to the flow itself, however many wait', async () => {
    const { flow, inTurn, work, turn, log } = world();
    const first = inTurn(work('guest'));
    const guests = Promise.all(Array.from({ length: 6 }, () => inTurn(work('guest'))));
    let told = 0;
    const news = flow.run(() => {
      work('news')();
      told += 1;
      return told === 4;
    });
    turn();
    expect(log.slice(4)).toEqual(['guest', 'guest', 'news', 'news']);
    turn();
    expect(log.slice(8)).toEqual(['guest', 'news', 'news']);
    await Promise.all([first, guests, news]);
  });

  it('rejects with what the work throws, and goes on', async () => {
    const { inTurn, work } = world();
    const bad = inTurn(() => {
      throw new Error('bad');
    });
    const good = inTurn(work('good'));
    await expect(bad).rejects.toThrow('bad');
    await expect(good).resolves.toBe('good');
  });

  it('takes work that is handed in by work', async () => {
    const { inTurn, work } = world();
    const both = inTurn(() => inTurn(work('inner')));
    await expect(both.then((inner) => inner)).resolves.toBe('inner');
    await expect(inTurn(work('later'))).resolves.toBe('later');
  });

  it('turns everybody away when the flow is closed', async () => {
    const { flow, inTurn, work, log } = world();
    const all = Promise.allSettled(Array.from({ length: 6 }, () => inTurn(work('guest'))));
    flow.close();
    const statuses = (await all).map(({ status }) => status);
    expect(statuses).toEqual([...Array(4).fill('fulfilled'), 'rejected', 'rejected']);
    await expect(inTurn(work('late'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(log).toHaveLength(4);
  });
});
