import { randomUUID } from 'node:crypto';
import { typeUrls } from '../../../src/compile/snapshot.ts';
import { silentLogger } from '../../../src/model/ports.ts';
import { createFeed } from '../../../src/store/create-feed.ts';
import { createInsights } from '../../../src/store/create-insights.ts';
import { createLeases } from '../../../src/store/create-leases.ts';
import { createPropagation } from '../../../src/store/create-propagation.ts';
import { createResourceStore } from '../../../src/store/create-resource-store.ts';
import type { FeedReader } from '../../../src/store/feed.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import type { ResourceStore } from '../../../src/store/resource-store.ts';
import { createInsightRecorder } from '../../../src/xds/runtime/insight-recorder.ts';
import { createPropagationReporter } from '../../../src/xds/runtime/propagation-reporter.ts';
import { prepareDue, stateOf } from '../../jobs/support/due.ts';
import { jobsWorld } from '../../jobs/support/jobs-world.ts';
import { testSecretBox } from './secret-box.ts';
import type { FaultyWorld } from './table-faults.ts';
import { openTrail } from './trail.ts';
import { deleteIn, printed, putIn, putMesh } from './world.ts';

/** A part of the control plane that is at work while something goes wrong. */
export interface PartAtWork {
  /** Does its work; rejects with what its caller is told. */
  work(): Promise<unknown>;
  /** What it, or its caller, does again where it was not done. */
  again(): Promise<unknown>;
  /** What others see of it, to whom nothing is wrong with the table. */
  seen(): Promise<unknown>;
}

/** Makes everything ready for the part, by others. */
export type Part = (world: FaultyWorld) => Promise<PartAtWork>;

const storeOf = ({ time }: FaultyWorld, items: ItemStore, clock = () => time.now): ResourceStore =>
  createResourceStore({
    items,
    secretBox: testSecretBox,
    isSecret: () => false,
    clock,
    logger: silentLogger,
  });

/** Nothing is written by itself; a test flushes. */
const never = { soonMs: 1_000_000, laterMs: 1_000_000, restMs: 0 };

const insights: Part = async (world) => {
  const { tenant, time, own, theirs } = world;
  await storeOf(world, theirs).commit(tenant, [putMesh('default')]);
  const clock = () => time.own;
  const recorder = createInsightRecorder({
    insights: createInsights({ items: own, clock }),
    clock,
    logger: silentLogger,
    relay: 'relay-1',
    ...never,
  });
  const open = (name: string, subscriptionId: string) =>
    recorder.opened({ tenant, mesh: 'default', name, subscriptionId, version: undefined });
  const first = open('a', 'first');
  await recorder.flush();
  return {
    async work() {
      const second = open('a', 'second');
      first.closed();
      second.acknowledged(typeUrls.cluster, 7);
      open('b', 'third').rejected(typeUrls.listener, 'no such filter');
      open('c', 'fourth').closed();
      await recorder.flush();
    },
    again: recorder.flush,
    async seen() {
      const all = await createInsights({ items: theirs, clock: () => time.now }).list(tenant, 'default');
      return all.flatMap(({ name, subscriptions }) =>
        subscriptions
          .map(({ id, disconnectTime, acknowledgedRevision, lastNack }) =>
            [
              name,
              id,
              disconnectTime === undefined ? 'open' : 'closed',
              acknowledgedRevision,
              lastNack?.message,
            ]
              .filter((each) => each !== undefined)
              .join(' '),
          )
          .sort(),
      );
    },
  };
};

const leases: Part = async ({ time, own, theirs }) => {
  const ours = createLeases({ items: own, clock: () => time.own });
  const others = createLeases({ items: theirs, clock: () => time.now });
  await others.renew('relay-0', 15_000);
  time.own += 20_000;
  time.now += 20_000;
  const work = async () => {
    await ours.renew('relay-1', 15_000);
    for (const dead of await ours.dead()) {
      await ours.bury(dead);
    }
  };
  const names = (found: readonly { readonly relay: string }[]) => found.map(({ relay }) => relay);
  return {
    work,
    again: work,
    seen: async () => ({ alive: names(await others.list()), dead: names(await others.dead()) }),
  };
};

const feed: Part = async ({ tenant, time, own, theirs }) => {
  const ours = createFeed({ items: own, clock: () => time.own, ids: randomUUID });
  const others = createFeed({ items: theirs, clock: () => time.now, ids: randomUUID });
  const readers = { own: ours.follow(), others: others.follow() };
  const heard = { own: new Map<string, number>(), others: new Map<string, number>() };
  const read = async (reader: FeedReader, into: Map<string, number>) => {
    for (const { mesh, revision } of await reader.read()) {
      into.set(mesh, Math.max(revision, into.get(mesh) ?? 0));
    }
  };
  const hints = (mesh: string, ...revisions: number[]) =>
    revisions.map((revision) => ({ tenant, mesh, revision }));
  const work = async () => {
    await others.publish(hints('theirs', 3, 4));
    await ours.publish(hints('ours', 1));
    await ours.publish(hints('ours', 2));
    await read(readers.own, heard.own);
  };
  return {
    work,
    again: work,
    async seen() {
      await read(readers.others, heard.others);
      return { own: Object.fromEntries(heard.own), others: Object.fromEntries(heard.others) };
    },
  };
};

const propagation: Part = async (world) => {
  const { tenant, time, own, theirs } = world;
  await storeOf(world, theirs).commit(tenant, [putMesh('default')]);
  const clock = () => time.own;
  const reporter = createPropagationReporter({
    propagation: createPropagation({ items: own, clock }),
    clock,
    logger: silentLogger,
    relay: 'relay-1',
    ...never,
  });
  return {
    async work() {
      const proxies = ['a', 'b', 'c'].map((name) => reporter.join(tenant, 'default', name, 1));
      for (const proxy of proxies) {
        proxy.configured(1);
        proxy.completed(1);
      }
      proxies[2]?.configured(2);
      reporter.told(tenant, 'default', 2);
      await reporter.flush();
    },
    again: reporter.flush,
    async seen() {
      const found = await createPropagation({ items: theirs, clock: () => time.now }).read(tenant, 'default');
      return [...(found?.relays ?? [])].map(([relay, { told, proxies, behind }]) => ({
        relay,
        told,
        proxies,
        behind: behind.map(({ has, proxies: count }) => [has, count]),
      }));
    },
  };
};

const jobs: Part = async ({ tenant, time, own, theirs }) => {
  const others = jobsWorld({ items: theirs, tenant, now: () => time.now });
  await prepareDue(others, tenant, time);
  time.own = time.now;
  // A run is a process of its own.
  const work = () => jobsWorld({ items: own, tenant, now: () => time.own }).run();
  return {
    work,
    async again() {
      await others.leases.renew(`alive-${tenant}`, 15_000);
      await work();
    },
    async seen() {
      const { entered: _, ...rest } = await stateOf(
        jobsWorld({ items: theirs, tenant, now: () => time.now }),
        tenant,
      );
      return rest;
    },
  };
};

const fold: Part = async (world) => {
  const { tenant, time, own, theirs } = world;
  const others = storeOf(world, theirs);
  await others.commit(tenant, [putMesh('default'), ...['a', 'b', 'c'].map((name) => putIn('default', name))]);
  await others.fold(tenant, 'default');
  await others.commit(tenant, [deleteIn('default', 'a'), putIn('default', 'd')]);
  const items = printed((await storeOf(world, theirs).load(tenant, 'default')).resources);
  const work = () => storeOf(world, own, () => time.own).fold(tenant, 'default');
  return {
    work,
    again: work,
    async seen() {
      const cold = storeOf(world, theirs);
      const loaded = printed((await cold.load(tenant, 'default')).resources);
      const { snapshotRevision } = await cold.head(tenant, 'default');
      return { isWhole: JSON.stringify(loaded) === JSON.stringify(items), snapshotRevision };
    },
  };
};

const outbox: Part = async (world) => {
  const { tenant, time, own, theirs } = world;
  const trailOf = (items: ItemStore, clock: () => number) =>
    openTrail({
      items,
      tenant,
      get now() {
        return clock();
      },
      open: (options) =>
        createResourceStore({
          items,
          secretBox: testSecretBox,
          isSecret: () => false,
          clock,
          logger: silentLogger,
          ...options,
        }),
      partition: async () => [],
    });
  await storeOf(world, theirs).commit(tenant, [putMesh('default')]);
  const ours = trailOf(own, () => time.own);
  const others = trailOf(theirs, () => time.now);
  const work = async () => {
    await ours.store.commit(tenant, [putIn('default', 'a')]);
    await ours.store.commit(tenant, [putIn('default', 'b')]);
    await ours.publisher.idle();
  };
  return {
    work,
    again: work,
    seen: async () => ({
      published: ours.events.map(({ subject }) => subject),
      recorded: (await others.records()).map(({ name }) => name).sort(),
      left: await others.left(),
    }),
  };
};

/** All parts, by what their work is called. */
export const parts = {
  'the journal of insights': insights,
  'a lease': leases,
  'the feed': feed,
  'a report of propagation': propagation,
  'a run of the jobs': jobs,
  'a fold': fold,
  'a commit with its events': outbox,
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;
