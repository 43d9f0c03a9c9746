import { KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { holds, isLive, nowSeconds } from '../expiry.ts';
import { keyOf } from '../limits.ts';
import { ConditionFailedError, type Operation, type Owner, systemOwner } from '../port.ts';
import type { EmbeddedDatabase } from './database.ts';
import { decodeHeader, encodeItem, encodeKey, expiryKey, type ItemHeader, keyOfExpiry } from './encoding.ts';

/**
 * What writes to the files: one LMDB transaction at a time, with all that came in while the one before was flushed. Of more
 * than one takes, owners take turns, so that a crowd's writes delay nobody else's by more than one flush.
 */
export interface EmbeddedWriter {
  write(owner: Owner, operations: readonly Operation[]): Promise<void>;
  /** Removes up to `limit` expired items; how many it was. */
  purge(limit: number): Promise<number>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

interface Pending {
  readonly operations: number;
  /** Runs inside the LMDB transaction. What it throws as a {@link ConditionFailedError} comes before its first write. */
  apply(): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Operations that one LMDB transaction takes together, one of ours more or less, so that the event loop gets its turn. */
const groupOperations = 256;
const purgeEveryMilliseconds = 1000;
const purgeLimit = 1000;

/** Creates the writer of one opened folder. */
export function createEmbeddedWriter(database: EmbeddedDatabase, clock: Clock): EmbeddedWriter {
  const { root, items, expiry } = database;
  /** By owner; the one whose turn is longest ago comes first. */
  const pending = new Map<Owner, Pending[]>();
  let running: Promise<void> | undefined;
  let lastPurge = clock();

  function headerOf(key: Buffer): ItemHeader | undefined {
    const stored = items.get(key);
    return stored === undefined ? undefined : decodeHeader(stored);
  }

  function apply(owner: Owner, operations: readonly Operation[]): void {
    const seconds = nowSeconds(clock);
    const failed: number[] = [];
    const found = operations.map((operation, position) => {
      const key = encodeKey(operation.owner ?? owner, keyOf(operation));
      const header = headerOf(key);
      const live = header !== undefined && isLive(header, seconds) ? header : undefined;
      if (operation.condition !== undefined && !holds(operation.condition, live)) {
        failed.push(position);
      }
      return { operation, key, header };
    });
    if (failed.length > 0) {
      throw new ConditionFailedError(failed);
    }
    for (const { operation, key, header } of found) {
      if (operation.kind === 'check') {
        continue;
      }
      if (header?.expiresAt !== undefined) {
        expiry.removeSync(expiryKey(header.expiresAt, key));
      }
      if (operation.kind === 'delete') {
        items.removeSync(key);
        continue;
      }
      const { item } = operation;
      items.putSync(key, encodeItem(item));
      if (item.expiresAt !== undefined) {
        expiry.putSync(expiryKey(item.expiresAt, key), Buffer.alloc(0));
      }
    }
  }

  function removeExpired(limit: number): number {
    lastPurge = clock();
    const end = expiryKey(nowSeconds(clock) + 1, Buffer.alloc(0));
    const due = [...expiry.getKeys({ end, limit })].map((key) => Buffer.from(key));
    for (const key of due) {
      items.removeSync(keyOfExpiry(key));
      expiry.removeSync(key);
    }
    return due.length;
  }

  function takeGroup(): readonly Pending[] {
    const group: Pending[] = [];
    let operations = 0;
    while (operations < groupOperations) {
      const [next] = pending;
      if (next === undefined) {
        break;
      }
      const [owner, line] = next;
      const entry = line.shift();
      pending.delete(owner);
      if (line.length > 0) {
        pending.set(owner, line);
      }
      if (entry !== undefined) {
        group.push(entry);
        operations += entry.operations;
      }
    }
    return group;
  }

  async function commitGroup(group: readonly Pending[]): Promise<void> {
    const refused = new Map<Pending, ConditionFailedError>();
    // As a child, because only a child is undone by lmdb-js where its callback throws.
    await root.childTransaction(() => {
      for (const entry of group) {
        try {
          entry.apply();
        } catch (error) {
          if (!(error instanceof ConditionFailedError)) {
            throw error;
          }
          refused.set(entry, error);
        }
      }
      if (clock() - lastPurge >= purgeEveryMilliseconds) {
        removeExpired(purgeLimit);
      }
    });
    for (const entry of group) {
      const error = refused.get(entry);
      if (error === undefined) {
        entry.resolve();
      } else {
        entry.reject(error);
      }
    }
  }

  async function run(): Promise<void> {
    while (pending.size > 0) {
      // Whoever writes in the same turn of the event loop joins the group.
      await new Promise((resolve) => setImmediate(resolve));
      const group = takeGroup();
      try {
        await commitGroup(group);
      } catch (error) {
        const failure = await commitFailure(error);
        for (const entry of group) {
          entry.reject(failure);
        }
      }
    }
    running = undefined;
  }

  function enqueue(owner: Owner, operations: number, apply: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = pending.get(owner) ?? [];
      line.push({ operations, apply, resolve, reject });
      pending.set(owner, line);
      running ??= run();
    });
  }

  return {
    write: (owner, operations) => enqueue(owner, operations.length, () => apply(owner, operations)),
    async purge(limit) {
      let removed = 0;
      await enqueue(systemOwner, limit, () => {
        removed = removeExpired(limit);
      });
      return removed;
    },
    async idle() {
      await running;
    },
  };
}

/** lmdb-js rejects with an error whose `commitError` is a promise that is rejected with the reason. */
async function commitFailure(error: unknown): Promise<KumulusError> {
  let cause = error;
  if (error instanceof Error && 'commitError' in error) {
    try {
      await error.commitError;
    } catch (reason) {
      cause = reason;
    }
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KumulusError('unavailable', `the store could not write: ${reason}`, { cause });
}
