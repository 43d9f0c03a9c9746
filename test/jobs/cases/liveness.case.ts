import { describe, expect, it } from 'vitest';
import type { StartEngine } from '../../../src/store/contract/world.ts';
import { createMemoryQueues } from '../../store/support/memory-queues.ts';
import { createWorld } from '../../store/support/world.ts';
import { jobsWorld, liveness } from '../support/jobs-world.ts';

const second = 1_000;
const hour = 3_600_000;
const { dataplaneIdleTimeoutMs: idle, dataplaneCleanupAgeMs: age } = liveness;

/** What the jobs do to proxies, on one engine, at a time that the tests set. */
export function livenessCases(engine: string, start: StartEngine): void {
  describe(`liveness on ${engine}`, () => {
    const world = createWorld(start);
    const open = async () => {
      const { items, tenant } = world;
      const jobs = jobsWorld({ items, tenant, now: () => world.now });
      await jobs.mesh('default');
      return { jobs, here: await jobs.relay(`here-${tenant}`), there: await jobs.relay(`there-${tenant}`) };
    };
    const at = (milliseconds: number) => new Date(milliseconds).toISOString();

    it('closes what a dead relay left open as of when the relay was last heard of, and nothing else', async () => {
      const { jobs, here, there } = await open();
      const start = world.now;
      await jobs.dataplane('orphan');
      await jobs.dataplane('fine');
      await here.connect('orphan');
      world.now += 20 * second;
      await here.connect('late');
      world.now = start + idle - 1;
      await there.renew();
      await there.connect('fine');
      await jobs.run();
      expect((await jobs.last('orphan'))?.disconnectTime).toBeUndefined();
      world.now += 1;
      await jobs.run();
      expect((await jobs.last('orphan'))?.disconnectTime).toBe(at(start));
      expect(await jobs.entered()).toEqual([{ list: 'offline', mesh: 'default', names: ['orphan'] }]);
      // Of this one there was a later sign of life, as if its relay had just come back.
      expect((await jobs.last('late'))?.disconnectTime).toBeUndefined();
      const dead = async () =>
        (await jobs.leases.dead()).map(({ relay }) => relay).filter((relay) => relay.endsWith(world.tenant));
      expect(await dead()).toEqual([`here-${world.tenant}`]);
      world.now = start + idle + 20 * second;
      await there.renew();
      await jobs.run();
      expect((await jobs.last('late'))?.disconnectTime).toBe(at(start + 20 * second));
      expect((await jobs.last('fine'))?.disconnectTime).toBeUndefined();
      expect(await dead()).toEqual([]);
    });

    it('removes the queue of a dead relay, and remembers the relay until that is done', async () => {
      const { items, tenant } = world;
      const queues = createMemoryQueues();
      const jobs = jobsWorld({ items, tenant, now: () => world.now, queues });
      const [dead, alive] = [`dead-${tenant}`, `alive-${tenant}`];
      const [queue, other] = [await queues.create(dead), await queues.create(alive)];
      await jobs.relay(dead, queue);
      const living = await jobs.relay(alive, other);
      const ofThese = (leases: readonly { readonly relay: string; readonly queue?: string }[]) =>
        leases.flatMap((lease) => (lease.relay.endsWith(tenant) ? [[lease.relay, lease.queue]] : []));
      world.now += idle - 1;
      await living.renew();
      await jobs.run();
      expect(queues.addresses()).toEqual([queue, other]);
      world.now += 1;
      queues.isBroken = true;
      expect(await jobs.run()).toEqual(['close-orphans']);
      expect(ofThese(await jobs.leases.dead())).toEqual([[dead, queue]]);
      queues.isBroken = false;
      expect(await jobs.run()).toEqual([]);
      expect(queues.addresses()).toEqual([other]);
      expect(ofThese(await jobs.leases.dead())).toEqual([]);
      expect(ofThese(await jobs.leases.list())).toEqual([[alive, other]]);
    });

    it('counts the age from then on, not from when it was noticed', async () => {
      const { jobs, here } = await open();
      await jobs.dataplane('orphan');
      await here.connect('orphan');
      const start = world.now;
      world.now += age - 1;
      await jobs.run();
      await jobs.run();
      expect(await jobs.has('orphan')).toBe(true);
      world.now = start + age;
      await jobs.run();
      expect(await jobs.has('orphan')).toBe(false);
      expect(await jobs.last('orphan')).toBeUndefined();
      expect(await jobs.entered()).toEqual([]);
    });

    it('closes what a dead relay left open of zone proxies, and deletes them at their age', async () => {
      const { jobs, here } = await open();
      await jobs.zoneIngress('gate');
      await here.connect('ZoneIngress/gate', '');
      world.now += idle;
      await jobs.run();
      expect((await jobs.last('ZoneIngress/gate', ''))?.disconnectTime).toBeDefined();
      expect(await jobs.has('gate', '', 'ZoneIngress')).toBe(true);
      world.now += liveness.zoneResourceCleanupAgeMs;
      await jobs.run();
      expect(await jobs.has('gate', '', 'ZoneIngress')).toBe(false);
      expect(await jobs.entered()).toEqual([]);
    });

    it.each([
      {
        what: 'a proxy that was lost for a moment less than the age',
        how: 'lost',
        after: age - 1,
        stays: true,
      },
      { what: 'a proxy that was lost for the age', how: 'lost', after: age, stays: false },
      { what: 'a proxy that left, while its relay may do it', how: 'left', after: 39_999, stays: true },
      { what: 'a proxy that left, and its relay did not', how: 'left', after: 40_000, stays: false },
    ] as const)('a proxy that was $what', async ({ how, after, stays }) => {
      const { jobs, here } = await open();
      await jobs.dataplane('gone');
      const close = await here.connect('gone');
      world.now += hour;
      await close(how);
      world.now += after;
      await jobs.run();
      expect(await jobs.has('gone')).toBe(stays);
      expect((await jobs.last('gone')) !== undefined).toBe(stays);
      expect((await jobs.entered()).length).toBe(stays ? 1 : 0);
    });

    it.each(['lost', 'left'] as const)(
      'a proxy that was %s and is back elsewhere stays, until it goes again',
      async (how) => {
        const { jobs, here, there } = await open();
        await jobs.dataplane('back');
        await (await here.connect('back'))(how);
        world.now += second;
        const close = await there.connect('back');
        world.now += age;
        await there.renew();
        await jobs.run();
        expect(await jobs.has('back')).toBe(true);
        expect(await jobs.entered()).toEqual([]);
        await close(how);
        world.now += age;
        await jobs.run();
        expect(await jobs.has('back')).toBe(false);
      },
    );

    it('a proxy that left, came back and is lost stays until the age', async () => {
      const { jobs, here } = await open();
      await jobs.dataplane('web');
      await (await here.connect('web'))('left');
      world.now += second;
      const close = await here.connect('web');
      world.now += second;
      await close('lost');
      world.now += age - 1;
      await jobs.run();
      expect(await jobs.has('web')).toBe(true);
      world.now += 1;
      await jobs.run();
      expect(await jobs.has('web')).toBe(false);
    });

    it('leaves a Dataplane whose proxy never connected, and one that was made after its namesake went', async () => {
      const { jobs, here } = await open();
      await jobs.dataplane('prepared');
      await (await here.connect('anew'))();
      world.now += 61 * second;
      await jobs.dataplane('anew');
      world.now += 2 * age;
      await jobs.run();
      expect([await jobs.has('prepared'), await jobs.has('anew')]).toEqual([true, true]);
      expect(await jobs.last('anew')).toBeUndefined();
    });

    it('leaves what a suspended tenant has as it is, and looks again an hour later', async () => {
      const { jobs, here } = await open();
      await jobs.dataplane('gone');
      await (await here.connect('gone'))();
      world.now += age;
      await jobs.run({ care: 'suspended' });
      await jobs.run();
      expect(await jobs.has('gone')).toBe(true);
      world.now += hour;
      await jobs.run();
      expect(await jobs.has('gone')).toBe(false);
      expect(await jobs.entered()).toEqual([]);
    });

    it('forgets what a tenant had that is gone', async () => {
      const { jobs, here } = await open();
      await jobs.dataplane('gone');
      await (await here.connect('gone'))();
      world.now += age;
      await jobs.run({ care: 'gone' });
      expect(await jobs.has('gone')).toBe(true);
      expect(await jobs.entered()).toEqual([]);
    });

    it('lets a relay that was taken for dead have its proxies back, but for those that are elsewhere', async () => {
      const { jobs, here, there } = await open();
      for (const name of ['stays', 'moved']) {
        await jobs.dataplane(name);
        await here.connect(name);
      }
      world.now += second;
      await there.connect('moved');
      world.now += idle;
      await there.renew();
      await jobs.run();
      expect((await jobs.last('stays'))?.disconnectTime).toBeDefined();
      await here.renew();
      here.held.forget();
      let id = 0;
      here.recorder.renew(() => `again-${world.tenant}-${id++}`);
      await here.recorder.flush();
      // A run that had found the relay dead before does not close what began anew.
      await jobs.run();
      expect(await jobs.last('stays')).toMatchObject({ controlPlaneInstanceId: `here-${world.tenant}` });
      expect((await jobs.last('stays'))?.disconnectTime).toBeUndefined();
      expect(await jobs.last('moved')).toMatchObject({ controlPlaneInstanceId: `there-${world.tenant}` });
      expect((await jobs.last('moved'))?.disconnectTime).toBeUndefined();
      // It is found again when it dies for good.
      world.now += idle;
      await jobs.run();
      expect((await jobs.last('stays'))?.disconnectTime).toBeDefined();
    });

    it('ends the removal of meshes that was interrupted', async () => {
      const { jobs } = await open();
      const { tenant } = world;
      const broken = jobsWorld({
        tenant,
        now: () => world.now,
        items: {
          ...world.items,
          transact: (owner, operations) =>
            operations.every(({ kind }) => kind === 'delete')
              ? Promise.reject(new Error('the table is out of reach'))
              : world.items.transact(owner, operations),
        },
      });
      await jobs.mesh('doomed');
      await broken.resources.deleteMesh(tenant, 'doomed');
      expect(await jobs.resources.tenantsToPurge()).toContain(tenant);
      await jobs.run();
      expect(await jobs.resources.tenantsToPurge()).not.toContain(tenant);
    });
  });
}
