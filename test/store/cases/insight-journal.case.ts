import { beforeEach, describe, expect, it } from 'vitest';
import { createInsights, type InsightsDeps } from '../../../src/store/create-insights.ts';
import { digestOf } from '../../../src/store/insights/digest.ts';
import {
  type Insight,
  type Insights,
  type Subscription,
  zoneProxyInsightName,
} from '../../../src/store/insights.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import { insightsPartition } from '../../../src/store/resources/keys.ts';
import { putMesh, recordingLogger, type World } from '../support/world.ts';
import { resultOf } from './commits.case.ts';

const subscription = (id: string, relay = 'relay'): Subscription => ({
  id,
  controlPlaneInstanceId: relay,
  connectTime: '2026-11-20T12:00:00.000Z',
  stats: { total: { responsesSent: 1, responsesAcknowledged: 1, responsesRejected: 0 } },
  version: { kumaDp: { version: '2.13.10' }, envoy: { version: '1.36.4' } },
});

const connect = (id: string) => (current: Insight | undefined) => ({
  ...current,
  subscriptions: [...(current?.subscriptions ?? []), subscription(id)],
});

/** Counts what goes through to the table. */
function counted(items: ItemStore) {
  const calls: string[] = [];
  const store: ItemStore = {
    ...items,
    get: (owner, key) => {
      calls.push(`get ${key.sort}`);
      return items.get(owner, key);
    },
    batchGet: (owner, keys) => {
      calls.push(`batch ${keys.map(({ sort }) => sort).join(' ')}`);
      return items.batchGet(owner, keys);
    },
    query: (owner, query) => {
      calls.push(`query ${query.prefix} ${query.limit}`);
      return items.query(owner, query);
    },
    transact: (owner, operations) => {
      const names = operations.map((one) => `${one.kind} ${(one.kind === 'put' ? one.item : one.key).sort}`);
      calls.push(names.join(', '));
      return items.transact(owner, operations);
    },
  };
  return { calls, store };
}

export function insightJournalCases(world: World): void {
  describe('the journal of insights', () => {
    const open = (deps: Partial<InsightsDeps> = {}) =>
      createInsights({ items: world.items, clock: () => world.now, ...deps });
    const update = (insights: Insights, name: string, id: string, mesh = 'default') =>
      insights.update(world.tenant, mesh, name, connect(id));
    /** Everything that a process sees, as text. */
    const seen = async (insights: Insights) => JSON.stringify(await insights.list(world.tenant, 'default'));
    const stored = async () =>
      (await world.partition(insightsPartition('default', 1))).map(({ sort }) => sort);
    beforeEach(() => world.open().commit(world.tenant, [putMesh('default')]));

    it('has one entry for what is written at the same time, in one write', async () => {
      const { calls, store } = counted(world.items);
      const insights = open({ items: store });
      await insights.read(world.tenant, 'default');
      calls.length = 0;
      await Promise.all(Array.from({ length: 100 }, (_, n) => update(insights, `dp-${n}`, 'a')));
      expect(calls).toStrictEqual(['put j/000001, check r/Mesh/default']);
      expect(await stored()).toStrictEqual(['j/000001']);
      expect(await insights.list(world.tenant, 'default')).toHaveLength(100);
    });

    it('tells with one read that nothing changed, and gives what changed and no more', async () => {
      const { calls, store } = counted(world.items);
      const [writer, reader] = [open(), open({ items: store })];
      await Promise.all([update(writer, 'a', '1'), update(writer, 'b', '1')]);
      const first = await reader.read(world.tenant, 'default');
      calls.length = 0;
      expect(await reader.read(world.tenant, 'default')).toBe(first);
      expect(calls).toStrictEqual(['batch head j/000002']);
      await update(writer, 'b', '2');
      calls.length = 0;
      const second = await reader.read(world.tenant, 'default');
      expect(calls).toStrictEqual(['batch head j/000002', 'query j/ 1']);
      expect([first.revision, second.revision]).toStrictEqual([1, 2]);
      expect(second.records.get('a')).toBe(first.records.get('a'));
      expect(second.records.get('b')).not.toBe(first.records.get('b'));
      expect(first.records.get('b')?.version).toBe(1);
    });

    it('is folded before the ring is full, and goes around', async () => {
      const { calls, store } = counted(world.items);
      const insights = open({ items: store, places: 8 });
      const follower = open({ places: 8 });
      for (let n = 0; n < 40; n += 1) {
        await update(insights, `dp-${n % 5}`, `${n}`);
        if (n % 3 === 0) {
          expect(await seen(follower)).toBe(await seen(insights));
        }
      }
      expect(calls.filter((call) => call.includes('put checkpoint')).length).toBeGreaterThan(3);
      // From the second round on the mesh need not be looked at: what is overwritten tells that it is there.
      expect(calls.filter((call) => call.startsWith('put j/')).slice(8)).toStrictEqual(
        calls.filter((call) => /^put j\/00000[0-7]$/.test(call)),
      );
      expect((await stored()).filter((sort) => sort.startsWith('j/'))).toHaveLength(8);
      for (const one of [follower, open({ places: 8 })]) {
        expect(await seen(one)).toBe(await seen(insights));
      }
    });

    it('is loaded anew by who comes too late for it', async () => {
      const [writer, late] = [open({ places: 4 }), open({ places: 4 })];
      await update(writer, 'a', '0');
      await late.read(world.tenant, 'default');
      for (let n = 1; n < 20; n += 1) {
        await update(writer, 'a', `${n}`);
      }
      expect(await seen(late)).toBe(await seen(writer));
      await update(late, 'a', 'late');
      expect((await writer.get(world.tenant, 'default', 'a'))?.subscriptions.at(-1)?.id).toBe('late');
    });

    it('loses nothing of several writers that fold at the same time', async () => {
      const writers = [open({ places: 8 }), open({ places: 8 }), open({ places: 8 })];
      const rounds = 12;
      await Promise.all(
        writers.map(async (writer, w) => {
          for (let n = 0; n < rounds; n += 1) {
            await Promise.all([update(writer, 'shared', `${w}-${n}`), update(writer, `own-${w}`, `${n}`)]);
            if (n % 4 === 3) {
              await writer.delete(world.tenant, 'default', `own-${w}`);
            }
          }
        }),
      );
      const [first] = writers;
      const shared = await first?.get(world.tenant, 'default', 'shared');
      expect(shared?.version).toBe(rounds * writers.length);
      expect((await open({ places: 8 }).list(world.tenant, 'default')).map(({ name }) => name)).toStrictEqual(
        ['shared'],
      );
      const texts = await Promise.all([...writers, open({ places: 8 })].map(seen));
      expect(new Set(texts).size).toBe(1);
    });

    it('goes on from where a fold died', async () => {
      const logger = recordingLogger();
      let dies = true;
      const dying: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          if (dies && operations.some((one) => one.kind === 'put' && one.item.sort === 'checkpoint')) {
            throw new Error('the process is gone');
          }
          await world.items.transact(owner, operations);
        },
      };
      const insights = open({ items: dying, places: 8, logger });
      for (let n = 0; n < 8; n += 1) {
        await update(insights, 'a', `${n}`);
      }
      await expect.poll(() => logger.messages.length).toBeGreaterThan(0);
      expect(new Set(logger.messages)).toStrictEqual(
        new Set(['the journal of insights could not be folded']),
      );
      expect(await seen(open({ places: 8 }))).toBe(await seen(insights));
      dies = false;
      for (let n = 8; n < 30; n += 1) {
        await update(insights, n % 2 === 0 ? 'a' : 'b', `${n}`);
      }
      expect(await seen(open({ places: 8 }))).toBe(await seen(insights));
      expect((await stored()).filter((sort) => sort.startsWith('p/'))).toHaveLength(1);
    });

    it('reads right where a piece is ahead of its checkpoint', async () => {
      let dies = false;
      let died = 0;
      const halfway: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          if (dies && operations.some((one) => one.kind === 'put' && one.item.sort === 'checkpoint')) {
            died += 1;
            throw new Error('the process is gone');
          }
          await world.items.transact(owner, operations);
        },
      };
      const insights = open({ items: halfway, places: 64 });
      for (let n = 0; n < 60; n += 1) {
        await Promise.all([...(n < 12 ? ['d'] : []), 'a', 'b'].map((name) => update(insights, name, `${n}`)));
      }
      await expect.poll(stored).toContain('checkpoint');
      dies = true;
      // Once only: what a change shifts would be shifted again.
      await update(insights, 'd', 'once');
      for (let n = 60; died === 0; n += 1) {
        await update(insights, 'a', `${n}`);
        await (n % 40 === 0
          ? insights.delete(world.tenant, 'default', 'b')
          : update(insights, n % 40 < 10 ? 'c' : 'b', `${n}`));
      }
      expect(await seen(open({ places: 64 }))).toBe(await seen(insights));
    });

    it('shows what others have written to who would leave it as it is', async () => {
      const [one, other] = [open(), open()];
      await update(one, 'a', '1');
      await other.read(world.tenant, 'default');
      await one.delete(world.tenant, 'default', 'a');
      const makeIfAbsent = (current: Insight | undefined) =>
        current === undefined ? connect('new')(current) : undefined;
      await other.update(world.tenant, 'default', 'a', makeIfAbsent);
      expect(await one.get(world.tenant, 'default', 'a')).toMatchObject({ subscriptions: [{ id: 'new' }] });
    });

    it('is cut anew where the insights have grown', async () => {
      const insights = open({ places: 64 });
      const metadata = 'x'.repeat(20_000);
      const write = (name: string) =>
        insights.update(world.tenant, 'default', name, (current) => ({ ...connect('1')(current), metadata }));
      await Promise.all(Array.from({ length: 4 }, (_, n) => write(`dp-${n}`)));
      for (let n = 0; n < 50; n += 1) {
        await update(insights, 'dp-0', `${n}`);
      }
      await expect.poll(stored).toContain('checkpoint');
      expect((await stored()).filter((sort) => sort.startsWith('p/'))).toHaveLength(1);
      await Promise.all(Array.from({ length: 80 }, (_, n) => write(`dp-${n}`)));
      for (let n = 0; n < 60; n += 1) {
        await update(insights, 'dp-0', `again-${n}`);
      }
      await expect
        .poll(async () => (await stored()).filter((sort) => sort.startsWith('p/')).length)
        .toBeGreaterThan(4);
      const layouts = (await stored()).flatMap((sort) => /^p\/(\d+)\//.exec(sort)?.[1] ?? []);
      expect(new Set(layouts).size).toBe(1);
      expect(await seen(open({ places: 64 }))).toBe(await seen(insights));
    });

    it('leaves nothing of a mesh that is deleted, with its checkpoints', async () => {
      const [insights, other] = [open({ places: 8 }), open({ places: 8 })];
      for (let n = 0; n < 20; n += 1) {
        await update(insights, `dp-${n % 3}`, `${n}`);
      }
      await update(other, 'dp-1', 'x');
      await world.open().deleteMesh(world.tenant, 'default');
      await Promise.all([update(insights, 'dp-1', 'late'), update(other, 'new', 'late')]);
      expect(await stored()).toStrictEqual([]);
      expect((await insights.read(world.tenant, 'default')).records.size).toBe(0);
      await world.open().commit(world.tenant, [putMesh('default')]);
      await update(insights, 'dp-1', 'first');
      expect(await other.list(world.tenant, 'default')).toMatchObject([{ name: 'dp-1', version: 1 }]);
      expect(await stored()).toStrictEqual([]);
    });

    it('has those of zone proxies beside the meshes', async () => {
      const insights = open();
      const names = [zoneProxyInsightName('ZoneIngress', 'one'), zoneProxyInsightName('ZoneEgress', 'one')];
      await Promise.all(names.map((name, n) => update(insights, name, `${n}`, '')));
      const other = open();
      expect((await other.list(world.tenant, '')).map(({ name }) => name)).toStrictEqual([
        'ZoneEgress/one',
        'ZoneIngress/one',
      ]);
      await other.delete(world.tenant, '', 'ZoneEgress/one');
      expect((await insights.read(world.tenant, '')).records.size).toBe(1);
    });

    it('refuses an insight that is too large, and writes the others', async () => {
      const insights = open();
      const [large, fine] = await Promise.all([
        resultOf(
          insights.update(world.tenant, 'default', 'large', () => ({
            subscriptions: [],
            metadata: 'x'.repeat(30_000),
          })),
        ),
        resultOf(update(insights, 'fine', '1')),
      ]);
      expect(large).toMatch(/^payload_too_large: the insight of a proxy must be <= 24576 bytes, got 30/);
      expect(fine).toBe('done');
      expect((await open().list(world.tenant, 'default')).map(({ name }) => name)).toStrictEqual(['fine']);
    });

    it('takes more at once than one entry holds, in entries that follow each other', async () => {
      const insights = open();
      const metadata = 'x'.repeat(20_000);
      await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          insights.update(world.tenant, 'default', `dp-${n}`, () => ({ subscriptions: [], metadata })),
        ),
      );
      expect((await open().list(world.tenant, 'default')).length).toBe(40);
      expect((await stored()).filter((sort) => sort.startsWith('j/')).length).toBeGreaterThan(2);
    });

    it('gives digests of what was last said', async () => {
      const insights = open();
      await insights.update(world.tenant, 'default', 'a', () => ({
        subscriptions: [
          { ...subscription('1'), disconnectTime: '2026-11-20T12:01:00.000Z' },
          {
            ...subscription('2', 'relay-2'),
            connectTime: '2026-11-20T12:02:00.000Z',
            lastUpdateTime: '2026-11-20T12:03:00.000Z',
            refused: ['lds'],
          },
        ],
        mtls: {
          certificateExpirationTime: '2026-11-21T12:00:00.000Z',
          lastCertificateRegeneration: '2026-11-20T12:00:00.000Z',
          certificateRegenerations: 1,
          issuedBackend: 'ca-1',
          supportedBackends: ['ca-1', 'ca-2'],
        },
      }));
      const record = (await open().read(world.tenant, 'default')).records.get('a');
      expect(record && digestOf(record)).toStrictEqual({
        name: 'a',
        openAt: ['relay-2'],
        lastConnected: Date.parse('2026-11-20T12:02:00.000Z'),
        lastDisconnected: Date.parse('2026-11-20T12:01:00.000Z'),
        lastSeen: Date.parse('2026-11-20T12:03:00.000Z'),
        modified: world.now,
        kumaDp: '2.13.10',
        envoy: '1.36.4',
        mtls: { issuedBackend: 'ca-1', supportedBackends: ['ca-1', 'ca-2'] },
        refused: ['lds'],
      });
      expect(record && digestOf(record)).toBe(record && digestOf(record));
    });
  });
}
