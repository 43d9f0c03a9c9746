import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { createFeed, type FeedDeps } from './create-feed.ts';
import { createEmbeddedStore, type EmbeddedStore } from './embedded/embedded-store.ts';
import type { Feed, Hint } from './feed.ts';
import type { ItemStore, Query } from './port.ts';

const acme = tenantId('acme');
const start = Date.parse('2026-11-20T12:00:30Z');
let now = start;
let folder: string;
let items: EmbeddedStore;
beforeEach(async () => {
  now = start;
  folder = await mkdtemp(join(tmpdir(), 'kumulus-feed-'));
  items = createEmbeddedStore({ path: folder, clock: () => now });
});
afterEach(async () => {
  await items.close();
  await rm(folder, { recursive: true });
});

/** The feed of one process, whose clock may be wrong by some milliseconds. */
function open(name: string, skew = 0, deps: Partial<FeedDeps> = {}): Feed {
  let count = 0;
  return createFeed({ items, clock: () => now + skew, ids: () => `${name}-${++count}`, ...deps });
}
const hint = (revision: number, mesh = 'default'): Hint => ({ tenant: acme, mesh, revision });

/** Reads on, as a relay does. */
function follow(feed: Feed) {
  const reader = feed.follow();
  return async () =>
    (await reader.read()).map(({ tenant, mesh, revision }) => `${tenant} ${mesh} ${revision}`).sort();
}

/** The table, with what is asked of it. */
function counted(asked: Query[], puts: number[] = []): ItemStore {
  return {
    ...items,
    query(owner, query) {
      asked.push(query);
      return items.query(owner, query);
    },
    transact(owner, operations) {
      puts.push(operations.length);
      return items.transact(owner, operations);
    },
  };
}

describe('the feed', () => {
  it('hands over what was published since, once', async () => {
    const writer = open('w');
    const next = follow(open('r'));
    expect(await next()).toStrictEqual([]);
    await writer.publish([hint(2)]);
    await writer.publish([{ ...hint(7), tenant: tenantId('globex') }]);
    expect(await next()).toStrictEqual(['acme default 2', 'globex default 7']);
    expect(await next()).toStrictEqual([]);
    now += 10_000;
    await writer.publish([hint(3)]);
    expect(await next()).toStrictEqual(['acme default 3']);
    for (let count = 0; count < 30; count += 1) {
      now += 500;
      expect(await next()).toStrictEqual([]);
    }
  });

  it('hands a new reader what is some seconds old, which it may have loaded already', async () => {
    const writer = open('w');
    await writer.publish([hint(1)]);
    now += 6_000;
    await writer.publish([hint(2)]);
    now += 1_000;
    expect(await follow(open('r'))()).toStrictEqual(['acme default 2']);
  });

  it('keeps readers apart', async () => {
    const writer = open('w');
    const feed = open('r');
    const [one, other] = [follow(feed), follow(feed)];
    await writer.publish([hint(1)]);
    expect(await one()).toStrictEqual(['acme default 1']);
    await writer.publish([hint(2)]);
    expect(await other()).toStrictEqual(['acme default 2']);
    expect(await one()).toStrictEqual(['acme default 2']);
  });

  it('tells of a mesh once, with its highest revision, whatever the order of its hints', async () => {
    const next = follow(open('r'));
    await next();
    for (const revision of [5, 7, 6, 7]) {
      await open(`w${revision}`).publish([hint(revision), hint(revision, 'other')]);
      now += 1;
    }
    expect(await next()).toStrictEqual(['acme default 7', 'acme other 7']);
  });

  it('writes what comes meanwhile together: a burst of commits is two items', async () => {
    const puts: number[] = [];
    const writer = open('w', 0, { items: counted([], puts) });
    await Promise.all(
      Array.from({ length: 100 }, (_, revision) =>
        writer.publish([hint(revision), hint(1, `m${revision % 7}`)]),
      ),
    );
    const first = puts.length;
    expect(first).toBeLessThanOrEqual(2);
    await writer.publish([hint(100)]);
    expect(puts).toHaveLength(first + 1);
    const heard = await follow(open('r'))();
    expect(heard).toHaveLength(8);
    expect(heard).toContain('acme default 100');
  });

  it('takes a burst of more meshes than one item holds', async () => {
    const puts: number[] = [];
    const long = 'm'.repeat(600);
    const hints = Array.from({ length: 1_000 }, (_, number) => hint(1, `${long}${number}`));
    await open('w', 0, { items: counted([], puts) }).publish(hints);
    expect(puts).toHaveLength(3);
    expect(await follow(open('r'))()).toHaveLength(1_000);
  });

  it.each([-4_000, -1_500, -1, 1_500, 59_999])(
    'finds hints of a writer whose clock is wrong by %i ms within a second, and the others at once',
    async (skew) => {
      const [writer, punctual] = [open('w', skew), open('p')];
      const next = follow(open('r'));
      for (let step = 0; step < 30; step += 1) {
        now += 777;
        await punctual.publish([hint(step, 'punctual')]);
        await writer.publish([hint(step, 'skewed')]);
        const heard = await next();
        now += 1_000;
        heard.push(...(await next()));
        expect(heard).toStrictEqual([`acme punctual ${step}`, `acme skewed ${step}`]);
      }
    },
  );

  it.each([-60_000, -3_000, 3_000])(
    'is read by one whose clock is set by %i ms while it reads',
    async (jump) => {
      const writer = open('w');
      let skew = 0;
      const next = follow(createFeed({ items, clock: () => now + skew, ids: () => 'r' }));
      await next();
      for (let step = 0; step < 40; step += 1) {
        now += 400;
        skew = step > 20 ? jump : 0;
        await writer.publish([hint(step)]);
        expect(await next()).toStrictEqual([`acme default ${step}`]);
      }
    },
  );

  it('goes on where the clocks of all are set back', async () => {
    const writer = open('w');
    const next = follow(open('r'));
    for (let step = 0; step < 20; step += 1) {
      now += step === 10 ? -3_600_000 : 400;
      await writer.publish([hint(step)]);
      expect(await next()).toStrictEqual([`acme default ${step}`]);
    }
  });

  it('hands over what was published while it was read', async () => {
    const writer = open('w');
    let published = 0;
    const racing: ItemStore = {
      ...items,
      async query(owner, query) {
        const page = await items.query(owner, query);
        published += 1;
        await writer.publish([hint(1, `m${published}`)]);
        return page;
      },
    };
    const next = follow(open('r', 0, { items: racing }));
    const heard: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      now += 50;
      heard.push(...(await next()));
    }
    expect(heard).toStrictEqual(['m1', 'm2', 'm3', 'm4'].map((mesh) => `acme ${mesh} 1`));
  });

  it('asks one thing a read that may be a second old, and nothing again once it is quiet', async () => {
    const asked: Query[] = [];
    const writer = open('w');
    const next = follow(open('r', 0, { items: counted(asked) }));
    await next();
    for (let count = 0; count < 50; count += 1) {
      await writer.publish([hint(count, `m${count}`)]);
      now += 1;
    }
    expect(await next()).toHaveLength(50);
    now += 10_000;
    await next();
    expect(asked).toHaveLength(3);
    expect(asked.every(({ eventual }) => eventual === true)).toBe(true);
    const [last] = asked.slice(-1);
    const again = last === undefined ? undefined : await items.query(':system', last);
    expect(again?.items).toHaveLength(1);
  });

  it('forgets after some minutes', async () => {
    await open('w').publish([hint(1)]);
    now += 6 * 60_000;
    expect(await items.purgeExpired()).toBe(1);
  });

  it('makes nobody wait for a table that does not answer', async () => {
    const silent: ItemStore = { ...items, transact: () => new Promise(() => {}) };
    const writer = open('w', 0, { items: silent, patienceMs: 5 });
    await expect(writer.publish([hint(1)])).rejects.toThrow('not written after 5 ms');
    await expect(writer.publish([hint(2)])).rejects.toThrow('not written after 5 ms');
  });

  it('tells whose hints could not be written, and writes the next ones', async () => {
    let failures = 1;
    const failing: ItemStore = {
      ...items,
      transact(owner, operations) {
        failures -= 1;
        return failures < 0
          ? items.transact(owner, operations)
          : Promise.reject(new Error('the table is gone'));
      },
    };
    const writer = open('w', 0, { items: failing });
    const first = writer.publish([hint(1)]);
    await expect(first).rejects.toThrow('the table is gone');
    await writer.publish([hint(2, 'other')]);
    expect(await follow(open('r'))()).toStrictEqual(['acme other 2']);
  });
});
