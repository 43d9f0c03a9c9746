import { KumulusError } from '../../model/errors.ts';
import type { Insight, InsightContent, InsightRecord, Subscription } from '../insights.ts';
import {
  decodeInsight,
  decodeSubscription,
  encodeInsight,
  encodeSubscription,
  type SubscriptionRow,
} from './record.ts';

/** What stands for "as it was". */
const unchanged = 1;

/**
 * One change as the journal keeps it: what is new, and where the rest is found in the insight as it was before. An
 * acknowledgement takes some 100 bytes of a journal's entry, whatever the proxy did before. A name alone was deleted.
 */
export type InsightChange =
  | readonly [name: string]
  | readonly [
      name: string,
      version: number,
      /** Of a new insight; null where one is changed. */
      creationTime: string | null,
      /** A number is the position of the same subscription before. */
      subscriptions: readonly (number | SubscriptionRow)[],
      mtls: Insight['mtls'] | null | typeof unchanged,
      metadata: readonly [unknown] | null | typeof unchanged,
    ];

function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** Where the very same subscription was before; -1 where it was not, or said something else. */
function positionOf(subscription: Subscription, before: readonly Subscription[]): number {
  const position = before.findIndex(({ id }) => id === subscription.id);
  const known = before[position];
  // What happens to a subscription changes this time: the one that goes on, which is most often asked for, need not be written out.
  const isSame = known?.lastUpdateTime === subscription.lastUpdateTime && same(known, subscription);
  return isSame ? position : -1;
}

/** The change that leads from `before` to the content; from nothing where there was none. */
export function changeTo(
  before: Insight | undefined,
  content: InsightContent,
  next: { readonly name: string; readonly version: number; readonly creationTime: string },
): InsightChange {
  const known = before?.subscriptions ?? [];
  return [
    next.name,
    next.version,
    before === undefined ? next.creationTime : null,
    content.subscriptions.map((each, at) => {
      const position = positionOf(each, known);
      return position >= 0 ? position : encodeSubscription(each, content.subscriptions[at - 1]);
    }),
    before?.mtls !== undefined && same(before.mtls, content.mtls) ? unchanged : (content.mtls ?? null),
    before?.metadata !== undefined && same(before.metadata, content.metadata)
      ? unchanged
      : content.metadata === undefined
        ? null
        : [content.metadata],
  ];
}

/**
 * The record after a change; undefined where it was deleted.
 *
 * @param time of the entry that the change is in, RFC 3339.
 * @throws KumulusError `internal` for a change of something that is not there.
 */
export function applyChange(
  before: InsightRecord | undefined,
  change: InsightChange,
  time: string,
): InsightRecord | undefined {
  if (change.length === 1) {
    return undefined;
  }
  const [name, version, created, rows, mtls, metadata] = change;
  const base = created === null && before !== undefined ? decodeInsight('', before) : undefined;
  const creationTime = created ?? base?.creationTime;
  if (creationTime === undefined) {
    throw new KumulusError('internal', `the journal changes the insight of ${name}, which is not there`);
  }
  const subscriptions: Subscription[] = [];
  for (const row of rows) {
    const kept = typeof row === 'number' ? base?.subscriptions[row] : undefined;
    if (typeof row !== 'number') {
      subscriptions.push(decodeSubscription(row, subscriptions.at(-1)));
    } else if (kept !== undefined) {
      subscriptions.push(kept);
    }
  }
  const newMtls = mtls === unchanged ? base?.mtls : (mtls ?? undefined);
  const newMetadata = metadata === unchanged ? base?.metadata : metadata?.[0];
  const content: InsightContent = {
    subscriptions,
    ...(newMtls !== undefined && { mtls: newMtls }),
    ...(newMetadata !== undefined && { metadata: newMetadata }),
  };
  return { name, version, text: encodeInsight(content, creationTime, time) };
}
