import type { Resource } from '../model/resource.ts';
import type { InsightDigest } from '../store/insights/digest.ts';
import { digestOf } from '../store/insights/digest.ts';
import type { InsightRecord } from '../store/insights.ts';
import { factsOf, type ProxyStatus, statusOf } from './proxy-status.ts';

/** Whether a relay, named by its instance id, is alive. */
export type RelayAlive = (relay: string) => boolean;

/** A proxy as lists show it: the same object as long as none of what it is made of changes. */
export interface ProxyRow {
  /** The Dataplane, or the zone proxy. */
  readonly resource: Resource;
  /** What is stored of it, be it of an earlier proxy of the same name. */
  readonly stored: InsightRecord | undefined;
  /** What is known of it; undefined where it never connected. */
  readonly record: InsightRecord | undefined;
  /** The living relays that hold a stream of it. */
  readonly openAt: readonly string[];
  readonly status: ProxyStatus;
}

export function digestOfRow({ record }: ProxyRow): InsightDigest | undefined {
  return record && digestOf(record);
}

const nowhere: readonly string[] = [];

function openAt(record: InsightRecord | undefined, alive: RelayAlive): readonly string[] {
  const open = record === undefined ? nowhere : digestOf(record).openAt;
  return open.length === 0 ? nowhere : open.filter(alive);
}

/**
 * Whether a record is of an earlier proxy of the same name: what was closed before the resource was made. Clocks of
 * machines differ, so an open one always counts.
 */
function isOfEarlier({ creationTime }: Resource, record: InsightRecord): boolean {
  const { openAt: open, lastSeen } = digestOf(record);
  return open.length === 0 && lastSeen < Date.parse(creationTime);
}

/** The row of a proxy. */
export function rowOf(resource: Resource, stored: InsightRecord | undefined, alive: RelayAlive): ProxyRow {
  const record = stored === undefined || isOfEarlier(resource, stored) ? undefined : stored;
  const relays = openAt(record, alive);
  const isConnected = relays.length > 0;
  const status =
    resource.type === 'Dataplane'
      ? statusOf(factsOf(resource), isConnected)
      : isConnected
        ? 'online'
        : 'offline';
  return { resource, stored, record, openAt: relays, status };
}

/** Whether a row is made of these, and its relays live as they did. */
export function isRowOf(
  row: ProxyRow,
  resource: Resource,
  stored: InsightRecord | undefined,
  changed: RelayAlive,
): boolean {
  const isSame = row.resource === resource && row.stored === stored;
  return isSame && (row.record === undefined || !digestOf(row.record).openAt.some(changed));
}
