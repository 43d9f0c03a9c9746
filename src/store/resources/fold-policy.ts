import type { TenantId } from '../../model/tenant.ts';
import { enterDueFold, type FoldTime } from '../create-due-folds.ts';
import type { Operation } from '../port.ts';
import type { StoredHead } from './head.ts';

/**
 * When logs are folded and how snapshots are kept, so that whoever meets a mesh for the first time reads tens of items.
 * A fold after 64 commits writes some 10 KB, which is 3 % of what the commits themselves have written.
 */
export const foldPolicy = {
  /** So many commits after the snapshot make a fold due, and so do each further so many. */
  commits: 64,
  /** So many bytes of the log after the snapshot do, too: as much as half a page of DynamoDB's. */
  bytes: 512 * 1024,
  /** A mesh of fewer resources is read item by item, in one page, and needs no snapshot. */
  resources: 64,
  /** Changes beside the base are folded into it when they are half as large, and larger than this, in bytes. */
  smallestMerge: 48 * 1024,
} as const;

/** What a head says of the log after the newest snapshot. */
type Progress = Pick<StoredHead, 'revision' | 'snapshotRevision' | 'counts' | 'generation' | 'logBytes'>;

/** Whether the log after the snapshot has grown so far that it is to be folded. */
export function isFoldDue(head: Progress): boolean {
  const hasGrown = ahead(head) >= foldPolicy.commits || (head.logBytes ?? 0) >= foldPolicy.bytes;
  return hasGrown && needsSnapshot(head);
}

/** Enters the mesh where a commit from `before` to `after` makes a fold due, now or when its log is about to expire. */
export function dueFoldOperations(
  tenant: TenantId,
  mesh: string,
  before: Progress,
  after: Progress,
  now: number,
  logSeconds: number,
): readonly Operation[] {
  const time = foldTime(before, after, now + (logSeconds * 1000) / 2);
  return time === undefined ? [] : [enterDueFold(tenant, mesh, after.revision, time)];
}

/** Enters a mesh that has moved while it was folded, as {@link dueFoldOperations} does with the first commit after a fold. */
export function laterFoldOperations(
  tenant: TenantId,
  mesh: string,
  head: Progress,
  now: number,
  logSeconds: number,
): readonly Operation[] {
  const hasMoved = head.revision > head.snapshotRevision && needsSnapshot(head);
  return hasMoved ? [enterDueFold(tenant, mesh, head.revision, now + (logSeconds * 1000) / 2)] : [];
}

function foldTime(before: Progress, after: Progress, later: number): FoldTime | undefined {
  if (isFoldDue(after) && (!isFoldDue(before) || ahead(after) % foldPolicy.commits === 0)) {
    return 'now';
  }
  // Once the log after it has expired a snapshot is of no use, and all items have to be read.
  const isFirst = ahead(after) === 1 && after.snapshotRevision > 0;
  return isFirst && needsSnapshot(after) ? later : undefined;
}

/** How many commits the log has after the snapshot. That of a generation starts with the revision that made it. */
function ahead({ revision, snapshotRevision, generation }: Progress): number {
  return revision - Math.max(snapshotRevision, generation - 1);
}

function needsSnapshot({ counts }: Progress): boolean {
  return Object.values(counts).reduce((sum, count) => sum + count, 0) >= foldPolicy.resources;
}
