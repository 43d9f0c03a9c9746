import { KumulusError } from '../../model/errors.ts';
import type { Insight, InsightContent, InsightRecord } from '../insights.ts';
import { changeTo, type InsightChange } from './change.ts';
import { type Gone, goneSince } from './gone.ts';
import { decodeInsight, encodeInsight } from './record.ts';

/** One update that waits to be written with others. */
export interface InsightUpdate {
  readonly name: string;
  /** What is to be there, `'none'` for nothing, undefined to leave it as it is. */
  change(current: Insight | undefined): InsightContent | 'none' | undefined;
}

/** What became of one update of a group. */
export type UpdateOutcome =
  | { readonly kind: 'changed' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly error: unknown };

/** The entry that a group makes. */
export interface GroupPlan {
  readonly changes: readonly InsightChange[];
  /** What the changes lead to; undefined for what is deleted. */
  readonly records: ReadonlyMap<string, InsightRecord | undefined>;
  /** Of the first updates; the others did not fit and come later. */
  readonly outcomes: readonly UpdateOutcome[];
  /** Whose last stream is closed from now on. */
  readonly gone: readonly Gone[];
}

/** As in Kuma: the oldest go when an eleventh comes. */
const maxSubscriptions = 10;
/** What is kept of the last rejection of a subscription that is not the newest, in characters. */
const maxOlderMessage = 200;
/** Bytes of one insight; a fleet's take some hundred. Any fifteen of them fit into one item. */
const maxInsightBytes = 24 * 1024;
/** Updates that are worked out in one turn of the event loop; a crowd's would be some 20 ms. */
const updatesPerTurn = 32;
/** Bytes of the changes that go into one entry. */
const maxEntryBytes = 200 * 1024;

function bounded({ subscriptions, mtls, metadata }: InsightContent): InsightContent {
  const newest = subscriptions.slice(-maxSubscriptions);
  return {
    subscriptions: newest.map((each, at) =>
      each.lastNack !== undefined && each.lastNack.message.length > maxOlderMessage && at < newest.length - 1
        ? {
            ...each,
            lastNack: { ...each.lastNack, message: each.lastNack.message.slice(0, maxOlderMessage) },
          }
        : each,
    ),
    ...(mtls !== undefined && { mtls }),
    ...(metadata !== undefined && { metadata }),
  };
}

/** An insight that the group changes. */
interface Touched {
  readonly before: Insight | undefined;
  readonly after: Insight | undefined;
  readonly record: InsightRecord | undefined;
  /** Undefined where it was made and deleted by the same group. */
  readonly change: InsightChange | undefined;
  /** It left for good. */
  readonly left: boolean;
}

function changeOf(name: string, before: Insight | undefined, after: Insight | undefined) {
  if (after === undefined) {
    const deleted: InsightChange | undefined = before === undefined ? undefined : [name];
    return deleted;
  }
  const isSame =
    before !== undefined && before.creationTime === after.creationTime && before.version < after.version;
  return changeTo(isSame ? before : undefined, after, after);
}

/** @throws KumulusError `payload_too_large` */
function recordOf(insight: Insight): InsightRecord {
  const { name, version, creationTime, modificationTime } = insight;
  const text = encodeInsight(insight, creationTime, modificationTime);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxInsightBytes) {
    const limit = `the insight of a proxy must be <= ${maxInsightBytes} bytes, got ${bytes}`;
    throw new KumulusError('payload_too_large', limit);
  }
  return { name, version, text };
}

/** Updates of one mesh as they are worked out, one after the other. */
class Group {
  readonly touched = new Map<string, Touched>();
  bytes = 0;
  readonly #mesh: string;
  readonly #records: ReadonlyMap<string, InsightRecord>;
  readonly #time: string;

  constructor(mesh: string, records: ReadonlyMap<string, InsightRecord>, time: string) {
    this.#mesh = mesh;
    this.#records = records;
    this.#time = time;
  }

  #stored(name: string): Insight | undefined {
    const record = this.#records.get(name);
    return record === undefined ? undefined : decodeInsight(this.#mesh, record);
  }

  add({ name, change }: InsightUpdate): UpdateOutcome {
    const known = this.touched.get(name);
    const before = known === undefined ? this.#stored(name) : known.before;
    const current = known === undefined ? before : known.after;
    const wanted = change(current);
    if (wanted === undefined || (wanted === 'none' && current === undefined)) {
      return { kind: 'unchanged' };
    }
    const after: Insight | undefined =
      wanted === 'none'
        ? undefined
        : {
            ...bounded(wanted),
            mesh: this.#mesh,
            name,
            creationTime: current?.creationTime ?? this.#time,
            modificationTime: this.#time,
            version: (current?.version ?? 0) + 1,
          };
    const record = after && recordOf(after);
    const made = changeOf(name, before, after);
    this.bytes += JSON.stringify(made ?? null).length;
    const left = wanted !== 'none' && (wanted.left ?? known?.left) === true;
    this.touched.set(name, { before, after, record, change: made, left });
    return { kind: 'changed' };
  }
}

/** Those that nobody has entered at the time at which they went. */
function goneOf(touched: ReadonlyMap<string, Touched>): readonly Gone[] {
  return [...touched].flatMap(([name, { before, after, left }]) => {
    const since = goneSince(after);
    return since === undefined || since === goneSince(before) ? [] : [{ name, since, left }];
  });
}

/**
 * Works out one entry of the journal for a group of updates, in their order. An update that throws is left out and
 * spoils nothing for the others.
 *
 * @param nextTurn lets others have their turn in between.
 */
export async function planGroup(
  mesh: string,
  records: ReadonlyMap<string, InsightRecord>,
  updates: readonly InsightUpdate[],
  time: string,
  nextTurn: () => Promise<unknown>,
): Promise<GroupPlan> {
  const group = new Group(mesh, records, time);
  const outcomes: UpdateOutcome[] = [];
  for (const [position, update] of updates.entries()) {
    if (group.bytes > maxEntryBytes) {
      break;
    }
    if (position > 0 && position % updatesPerTurn === 0) {
      await nextTurn();
    }
    try {
      outcomes.push(group.add(update));
    } catch (error) {
      outcomes.push({ kind: 'refused', error });
    }
  }
  const changed = [...group.touched].flatMap(([name, { change, record }]) =>
    change === undefined ? [] : [{ name, change, record }],
  );
  return {
    changes: changed.map(({ change }) => change),
    records: new Map(changed.map(({ name, record }) => [name, record])),
    outcomes,
    gone: goneOf(group.touched),
  };
}
