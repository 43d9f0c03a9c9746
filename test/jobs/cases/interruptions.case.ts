import { describe, expect, it } from 'vitest';
import { tenantId } from '../../../src/model/tenant.ts';
import type { StartEngine } from '../../../src/store/contract/world.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import { createWorld } from '../../store/support/world.ts';
import { end, prepareDue, stateOf } from '../support/due.ts';
import { jobsWorld } from '../support/jobs-world.ts';

/** The table as a process sees it that dies after so many calls: nothing that it does comes through any more. */
function dyingAfter(items: ItemStore, calls: number): { readonly items: ItemStore; isDead(): boolean } {
  let count = 0;
  const counted =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> => {
      count += 1;
      return count > calls ? Promise.reject(new Error('the process is dead')) : call(...args);
    };
  return {
    isDead: () => count > calls,
    items: {
      ...items,
      get: counted(items.get),
      batchGet: counted(items.batchGet),
      query: counted(items.query),
      peek: counted(items.peek),
      transact: counted(items.transact),
    },
  };
}

/**
 * The jobs are stopped at any point, and run by two at once.
 *
 * @param everyDeath whether each point to die at is tried on a table as it was, and not just one after the other.
 */
export function interruptionCases(engine: string, start: StartEngine, everyDeath: boolean): void {
  describe(`interruptions on ${engine}`, () => {
    const world = createWorld(start);
    const open = (items = world.items, tenant = world.tenant) =>
      jobsWorld({ items, tenant, now: () => world.now });

    const expectEnd = async (tenant = world.tenant) => {
      const { entered, ...rest } = await stateOf(open(world.items, tenant), tenant);
      expect(rest).toEqual(end);
      // Whoever is offline is entered, be it twice, and will be found when the time comes.
      const offline = entered.flatMap(([, mesh, list]) =>
        (list as string[]).map((name) => `${mesh}/${name}`),
      );
      expect([...new Set(offline)].sort()).toEqual([
        'default/orphan-1',
        'default/orphan-2',
        'default/young',
        'other/orphan',
      ]);
    };

    it('there is an end to compare with', async () => {
      await prepareDue(open(), world.tenant, world);
      await open().run();
      await expectEnd();
    });

    it('dies after any number of calls, and another one ends its work', async () => {
      await prepareDue(open(), world.tenant, world);
      let deaths = 0;
      for (let calls = 0; ; calls += 1) {
        const dying = dyingAfter(world.items, calls);
        await open(dying.items).run();
        if (!dying.isDead()) {
          break;
        }
        deaths += 1;
      }
      expect(deaths).toBeGreaterThan(20);
      await expectEnd();
    });

    it.runIf(everyDeath)(
      'dies after so many calls, whatever their number, and another one does the rest',
      async () => {
        for (let calls = 0; ; calls += 1) {
          const tenant = tenantId(`${world.tenant}-${calls}`);
          await prepareDue(open(world.items, tenant), tenant, world);
          const dying = dyingAfter(world.items, calls);
          await open(dying.items, tenant).run();
          await open(world.items, tenant).run();
          await expectEnd(tenant);
          if (!dying.isDead()) {
            expect(calls).toBeGreaterThan(50);
            return;
          }
        }
      },
      60_000,
    );

    it('two at once do no harm', async () => {
      await prepareDue(open(), world.tenant, world);
      await Promise.all([open().run(), open().run(), open().run()]);
      await open().run();
      await expectEnd();
    });

    it('is told to stop after any number of steps, and goes on with the next run', async () => {
      await prepareDue(open(), world.tenant, world);
      let runs = 0;
      let isOver = true;
      while (isOver) {
        runs += 1;
        let asked = 0;
        isOver = false;
        // Each job asks before each step.
        const deadline = {
          isOver: () => {
            asked += 1;
            isOver ||= asked > 30 + runs;
            return isOver;
          },
        };
        await open().run({ deadline });
      }
      expect(runs).toBeGreaterThan(3);
      await expectEnd();
    });
  });
}
