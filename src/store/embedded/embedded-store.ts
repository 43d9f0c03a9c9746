import { KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { isLive, nowSeconds } from '../expiry.ts';
import { checkKey, checkKeyPart, checkLimit, checkOperations } from '../limits.ts';
import {
  defaultPageLimit,
  type Item,
  type ItemKey,
  type ItemStore,
  maxPartitionBytes,
  type Owner,
  type Page,
  type Query,
} from '../port.ts';
import { openDatabase } from './database.ts';
import { afterPrefix, decodeHeader, decodeItem, encodeKey, partitionPrefix } from './encoding.ts';
import { createEmbeddedWriter } from './writer.ts';

export interface EmbeddedStoreOptions {
  /** The folder of the files; made where it is missing. */
  readonly path: string;
  /** For expiry. `Date.now` unless told. */
  readonly clock?: Clock;
}

/** An {@link ItemStore} in files of this machine. */
export interface EmbeddedStore extends ItemStore {
  /**
   * Removes what has expired, up to `limit` items (1,000 unless told), and tells how many. The store does so by itself,
   * a thousand a second, while it is written to.
   */
  purgeExpired(limit?: number): Promise<number>;
}

/** Items that a query looks at before it hands over an incomplete page, where nearly all have expired. */
const scanLimit = 10_000;

/**
 * Opens the store in a folder, on LMDB: durable against `kill -9` and loss of power from when `transact` resolves.
 * One process at a time.
 *
 * @throws KumulusError `conflict` where the folder is in use, `unavailable` where it cannot be used.
 */
export function createEmbeddedStore(options: EmbeddedStoreOptions): EmbeddedStore {
  const clock = options.clock ?? Date.now;
  const database = openDatabase(options.path);
  const writer = createEmbeddedWriter(database, clock);
  let closing: Promise<void> | undefined;

  function assertOpen(): void {
    if (closing !== undefined) {
      throw new KumulusError('unavailable', `the store in ${options.path} is closed`);
    }
  }

  function read(owner: Owner, key: ItemKey): Item | undefined {
    checkKey(key);
    const stored = database.items.get(encodeKey(owner, key));
    if (stored === undefined || !isLive(decodeHeader(stored), nowSeconds(clock))) {
      return undefined;
    }
    return decodeItem({ partition: key.partition, sort: key.sort }, stored);
  }

  function scan(owner: Owner, query: Query): Page {
    const { partition, prefix = '', after, limit = defaultPageLimit } = query;
    checkKeyPart('partition', partition, maxPartitionBytes);
    checkLimit(limit);
    const base = partitionPrefix(owner, partition);
    const first = Buffer.from(base + prefix);
    const end = afterPrefix(first);
    const follow = after === undefined ? undefined : Buffer.from(base + after);
    const exclusive = follow !== undefined && Buffer.compare(follow, first) >= 0;
    const start = exclusive && follow !== undefined ? follow : first;
    const sortAt = Buffer.byteLength(base);
    const seconds = nowSeconds(clock);
    const items: Item[] = [];
    if (Buffer.compare(start, end) >= 0) {
      return { items };
    }
    let seen = 0;
    const range = database.items.getRange({ start, end, exclusiveStart: exclusive });
    for (const { key, value } of range) {
      const sort = Buffer.from(key).toString('utf8', sortAt);
      const last = items.at(-1);
      if (items.length === limit && last !== undefined) {
        return { items, next: last.sort };
      }
      if (isLive(decodeHeader(value), seconds)) {
        items.push(decodeItem({ partition, sort }, value));
      }
      seen += 1;
      if (seen === scanLimit) {
        return { items, next: sort };
      }
    }
    return { items };
  }

  return {
    async get(owner, key) {
      assertOpen();
      return read(owner, key);
    },
    async batchGet(owner, keys) {
      assertOpen();
      return keys.map((key) => read(owner, key));
    },
    async query(owner, query) {
      assertOpen();
      return scan(owner, query);
    },
    async peek(keys) {
      assertOpen();
      return keys.map((key) => read(key.owner, key));
    },
    async transact(owner, operations) {
      assertOpen();
      checkOperations(operations);
      await writer.write(owner, operations);
    },
    async purgeExpired(limit = 1000) {
      assertOpen();
      return writer.purge(limit);
    },
    close() {
      closing ??= writer.idle().then(() => database.close());
      return closing;
    },
  };
}
