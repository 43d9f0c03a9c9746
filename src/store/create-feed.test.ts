import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { createFeed } from './create-feed.ts';
import { createEmbeddedStore, type EmbeddedStore } from './embedded/embedded-store.ts';
import type { Feed, FeedCursor, Hint } from './feed.ts';
import type { ItemStore } from './port.ts';

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

/** The feed of one process, whose clock is wrong by some milliseconds. */
function open(name: string, skew = 0, store: ItemStore = items): Feed {
  let count = 0;
  return createFeed({ items: store, clock: () => now + skew, ids: () => `${name}-${++count}` });
}
const hint = (revision: number, mesh = 'default'): Hint => ({ tenant: acme, mesh, revision });

/** Reads on from a cursor, as a relay does. */
async function follow(feed: Feed) {
  let cursor: FeedCursor = await feed.cursor();
  return async () => {
    const answer = await feed.read(cursor);
    cursor = answer.cursor;
    return answer.hints.map(({ tenant, mesh, revision }) => `${tenant} ${mesh} ${revision}`);
  };
}

describe('the feed', () => {
  it('hands over what was published since, once', async () => {
    const writer = open('w');
    const reader = open('r');
    await writer.publish(hint(1));
    const next = await follow(reader);
    expect(await next()).toStrictEqual([]);
    await writer.publish(hint(2));
    await writer.publish({ ...hint(7), tenant: tenantId('globex') });
    expect((await next()).sort()).toStrictEqual(['acme default 2', 'globex default 7']);
    expect(await next()).toStrictEqual([]);
    now += 10_000;
    await writer.publish(hint(3));
    expect(await next()).toStrictEqual(['acme default 3']);
    now += 10_000;
    expect(await next()).toStrictEqual([]);
  });

  it('goes on from one minute to the next', async () => {
    const writer = open('w');
    const next = await follow(open('r'));
    for (let step = 0; step < 12; step += 1) {
      now += 13_000;
      await writer.publish(hint(step));
      expect(await next()).toStrictEqual([`acme default ${step}`]);
    }
    await writer.publish(hint(98));
    now += 150_000;
    await writer.publish(hint(99));
    expect(await next()).toStrictEqual(['acme default 98', 'acme default 99']);
  });

  it('keeps readers apart', async () => {
    const writer = open('w');
    const feed = open('r');
    const [one, other] = [await follow(feed), await follow(feed)];
    await writer.publish(hint(1));
    expect(await one()).toStrictEqual(['acme default 1']);
    await writer.publish(hint(2));
    expect(await other()).toStrictEqual(['acme default 1', 'acme default 2']);
    expect(await one()).toStrictEqual(['acme default 2']);
  });

  it.each([-1_500, 1_500, -1, 59_999])(
    'finds hints of a writer whose clock is wrong by %i ms',
    async (skew) => {
      const writer = open('w', skew);
      const punctual = open('p');
      const next = await follow(open('r'));
      const heard: string[] = [];
      for (let step = 0; step < 30; step += 1) {
        now += 977;
        await punctual.publish(hint(step, 'punctual'));
        heard.push(...(await next()));
        await writer.publish(hint(step, 'skewed'));
      }
      for (let wait = 0; wait < 70; wait += 1) {
        now += 1_000;
        heard.push(...(await next()));
      }
      expect(heard.filter((text) => text.includes('punctual'))).toHaveLength(30);
      expect(heard.filter((text) => text.includes('skewed'))).toHaveLength(30);
    },
  );

  it('hands over what was published while it was read', async () => {
    const writer = open('w');
    let published = 0;
    const racing: ItemStore = {
      ...items,
      async query(owner, query) {
        const page = await items.query(owner, query);
        published += 1;
        await writer.publish(hint(published));
        return page;
      },
    };
    const next = await follow(open('r', 0, racing));
    const heard = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      now += 500;
      for (const text of await next()) {
        heard.add(text);
      }
    }
    const last = await follow(open('s'));
    expect(await last()).toStrictEqual([]);
    expect(heard.size).toBeGreaterThanOrEqual(8);
    expect([...heard].every((text) => text.startsWith('acme default '))).toBe(true);
  });

  it('forgets after some minutes, and starts there for whoever comes later', async () => {
    const writer = open('w');
    const next = await follow(open('r'));
    await writer.publish(hint(1));
    now += 20 * 60_000;
    await writer.publish(hint(2));
    expect(await next()).toStrictEqual(['acme default 2']);
    await items.purgeExpired();
    now += 20 * 60_000;
    expect(await items.purgeExpired()).toBe(1);
  });

  it.each(['', '{}', 'null', '{"time":"1","seen":[]}', '[1]'])('refuses the cursor %s', async (cursor) => {
    await expect(open('r').read(cursor)).rejects.toThrow('the feed was given a cursor that is not its own');
  });
});
