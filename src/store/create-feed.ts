import { KumulusError } from '../model/errors.ts';
import type { Clock, IdSource } from '../model/ports.ts';
import { tenantId } from '../model/tenant.ts';
import type { Feed, FeedCursor, Hint } from './feed.ts';
import { pagesOf } from './pages.ts';
import { type ItemStore, systemOwner } from './port.ts';

export interface FeedDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/**
 * Hints are spread over a few partitions, each of which takes DynamoDB's 1,000 writes a second, and over minutes, so that
 * a partition that is read holds little that is old.
 */
const shards = 2;
const bucketMilliseconds = 60_000;
/** How long a hint lives. A cursor that is older starts here: who slept longer checks the heads anyway. */
const lifeMilliseconds = 5 * 60_000;
/**
 * A hint carries its writer's time and may appear after one of a later time has been read: by as much as clocks differ
 * and writes take. So every read looks back this far and leaves out what it has handed over before.
 */
const overlapMilliseconds = 2_000;

/** A cursor: the time of the read, and the items within the overlap that were handed over. */
interface Position {
  readonly time: number;
  readonly seen: readonly string[];
}

/** Creates the feed on the table. */
export function createFeed({ items, clock, ids }: FeedDeps): Feed {
  async function read(position: Position): Promise<{ hints: Hint[]; position: Position }> {
    const now = clock();
    const from = Math.max(position.time, now - lifeMilliseconds) - overlapMilliseconds;
    const seen = new Set(position.seen);
    const found = await Promise.all(
      partitionsBetween(from, now + overlapMilliseconds).map(async (partition) => {
        const entries: { readonly sort: string; readonly hint: Hint }[] = [];
        for await (const page of pagesOf(items, systemOwner, { partition, after: timeText(from) })) {
          entries.push(...page.map(({ sort, value }) => ({ sort, hint: decodeHint(String(value)) })));
        }
        return entries;
      }),
    );
    const entries = found.flat().sort((a, b) => (a.sort < b.sort ? -1 : 1));
    const recent = timeText(now - overlapMilliseconds);
    return {
      hints: entries.filter(({ sort }) => !seen.has(sort)).map(({ hint }) => hint),
      position: { time: now, seen: entries.map(({ sort }) => sort).filter((sort) => sort > recent) },
    };
  }

  return {
    async publish({ tenant, mesh, revision }) {
      const now = clock();
      const id = ids();
      await items.transact(systemOwner, [
        {
          kind: 'put',
          item: {
            partition: partitionOf(now, shardOf(id)),
            sort: `${timeText(now)}/${id}`,
            version: 1,
            value: JSON.stringify({ tenant, mesh, revision }),
            expiresAt: Math.ceil((now + lifeMilliseconds + bucketMilliseconds) / 1000),
          },
        },
      ]);
    },
    async cursor() {
      const { position } = await read({ time: clock(), seen: [] });
      return JSON.stringify(position);
    },
    async read(cursor) {
      const { hints, position } = await read(parseCursor(cursor));
      return { hints, cursor: JSON.stringify(position) };
    },
  };
}

function partitionsBetween(from: number, to: number): string[] {
  const partitions: string[] = [];
  const last = Math.floor(to / bucketMilliseconds);
  for (let bucket = Math.floor(from / bucketMilliseconds); bucket <= last; bucket += 1) {
    for (let shard = 0; shard < shards; shard += 1) {
      partitions.push(partitionOf(bucket * bucketMilliseconds, shard));
    }
  }
  return partitions;
}

function partitionOf(time: number, shard: number): string {
  return `feed/${shard}/${Math.floor(time / bucketMilliseconds)}`;
}

/** The shard of a hint: any function of its random id that spreads. */
function shardOf(id: string): number {
  return [...id].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % shards;
}

/** 15 digits, so that the order of texts is that of times. */
function timeText(time: number): string {
  return String(Math.max(0, time)).padStart(15, '0');
}

function decodeHint(value: string): Hint {
  const { tenant, mesh, revision } = JSON.parse(value) as { tenant: string; mesh: string; revision: number };
  return { tenant: tenantId(tenant), mesh, revision };
}

function parseCursor(cursor: FeedCursor): Position {
  try {
    const { time, seen } = JSON.parse(cursor) as Position;
    if (Number.isFinite(time) && Array.isArray(seen)) {
      return { time, seen };
    }
  } catch {
    // Told below, as is any other text that is no cursor.
  }
  throw new KumulusError('internal', 'the feed was given a cursor that is not its own');
}
