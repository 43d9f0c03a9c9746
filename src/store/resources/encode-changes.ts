import { KumulusError } from '../../model/errors.ts';
import { keyText, type ResourceKey } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import { maxValueBytes } from '../port.ts';
import { type Change, maxCommitChanges } from '../resource-store.ts';
import type { EncodedChange } from './commit-draft.ts';
import { isStorableKey } from './keys.ts';
import type { ResourceTexts } from './resource-text.ts';
import type { Sighting } from './sighting.ts';

/** All that one commit writes goes into one entry of the log; the rest of the item is its frame. */
export const maxCommitBytes = maxValueBytes - 1024;
/** What the key of a deleted resource takes in the log, at most. */
const deleteBytes = 1024;

/** The changes of one commit as texts, and what they take in the log at the most. */
export interface EncodedChanges {
  readonly encoded: readonly EncodedChange[];
  readonly bytes: number;
}

/**
 * Makes texts of what a caller wants to write, before it joins what others write.
 *
 * @throws KumulusError `bad_request` for names under which nothing can be stored, `payload_too_large` for more than fits
 *   into one commit.
 */
export async function encodeChanges(
  texts: ResourceTexts,
  tenant: TenantId,
  changes: readonly Change[],
): Promise<EncodedChanges> {
  if (changes.length < 1) {
    throw new KumulusError('internal', 'a commit must have a change');
  }
  if (changes.length > maxCommitChanges) {
    throw new KumulusError(
      'payload_too_large',
      `one commit takes at most ${maxCommitChanges} changes to a mesh, got ${changes.length}`,
    );
  }
  for (const change of changes) {
    checkNames(keyOf(change));
  }
  const encoded = await Promise.all(
    changes.map(async (change): Promise<EncodedChange> => {
      const expect = change.expect === undefined ? {} : { expect: change.expect };
      return change.kind === 'put'
        ? { kind: 'put', encoded: await texts.encodeDraft(tenant, change.draft), ...expect }
        : change;
    }),
  );
  const bytes = encoded.reduce(
    (sum, change) => sum + (change.kind === 'put' ? change.encoded.bytes : deleteBytes),
    0,
  );
  if (bytes > maxCommitBytes) {
    throw new KumulusError(
      'payload_too_large',
      `what is written at once must be <= ${maxCommitBytes} bytes, got ${bytes}`,
    );
  }
  return { encoded, bytes };
}

/** Whether a change can make something that is not there. */
export function mayAdd({ kind, expect }: EncodedChange): boolean {
  return kind === 'put' && (expect === undefined || 'absent' in expect);
}

/** Whether the caller has read all that its commit names. */
export function isSeen(changes: readonly Change[], seen: Sighting | undefined): boolean {
  return seen !== undefined && changes.every((change) => keyText(keyOf(change)) === keyText(seen.key));
}

function keyOf(change: Change): ResourceKey {
  return change.kind === 'put' ? change.draft : change.key;
}

function checkNames(key: ResourceKey): void {
  if (!isStorableKey(key)) {
    throw new KumulusError(
      'bad_request',
      `a resource cannot be stored under the name of this ${key.type.slice(0, 80)}`,
    );
  }
}
