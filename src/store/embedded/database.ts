import { type Database, open, type RootDatabase } from 'lmdb';
import { KumulusError } from '../../model/errors.ts';
import { prepareFolder } from './files.ts';
import { decodeOwner, encodeOwner, isRunning, thisProcess } from './folder-lock.ts';

/** The opened files of one folder. */
export interface EmbeddedDatabase {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly items: Database<Buffer, Buffer>;
  /** `expiryKey` of every item that has an end; the values are empty. */
  readonly expiry: Database<Buffer, Buffer>;
  /** Gives the folder up and closes the files. */
  close(): Promise<void>;
}

const formatKey = Buffer.from('format');
const ownerKey = Buffer.from('owner');
/** Changes when what an older Kumulus wrote cannot be read any more. */
const format = Buffer.from('kumulus-store-1');

const binary = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const;

/** lmdb-js hands the same files out again where a process opens them twice, so what is open here is kept here. */
const openFolders = new Set<string>();

/**
 * Opens the folder, made where it is missing.
 *
 * @throws KumulusError `conflict` where another process (or this one) has it open, `unavailable` where it cannot be
 *   made, written or read as a store.
 */
export function openDatabase(path: string): EmbeddedDatabase {
  let folder: string;
  try {
    folder = prepareFolder(path);
  } catch (error) {
    throw unusable(path, error);
  }
  if (openFolders.has(folder)) {
    throw new KumulusError('conflict', `the folder ${folder} is in use by this process`);
  }
  let root: RootDatabase<Buffer, Buffer>;
  try {
    // Without overlappingSync a commit is LMDB's own: flushed before it is visible and before its promise resolves.
    // With eventTurnBatching a commit that fails also rejects a promise that nobody can catch. The writer groups anyway.
    root = open<Buffer, Buffer>({
      path: folder,
      ...binary,
      noSubdir: false,
      overlappingSync: false,
      eventTurnBatching: false,
      maxDbs: 4,
    });
  } catch (error) {
    throw unusable(folder, error);
  }
  try {
    const meta = root.openDB<Buffer, Buffer>('meta', binary);
    const holder = takeFolder(root, meta, folder);
    if (holder !== undefined) {
      throw new KumulusError('conflict', `the folder ${folder} is in use by process ${holder}`);
    }
    const items = root.openDB<Buffer, Buffer>('items', binary);
    const expiry = root.openDB<Buffer, Buffer>('expiry', binary);
    openFolders.add(folder);
    return {
      root,
      items,
      expiry,
      async close() {
        root.transactionSync(() => meta.removeSync(ownerKey));
        await root.close();
        openFolders.delete(folder);
      },
    };
  } catch (error) {
    void root.close();
    throw error instanceof KumulusError ? error : unusable(folder, error);
  }
}

/** Enters this process as the holder, or tells the process id of the one that is there. */
function takeFolder(
  root: RootDatabase<Buffer, Buffer>,
  meta: Database<Buffer, Buffer>,
  folder: string,
): number | undefined {
  return root.transactionSync(() => {
    const stored = meta.get(formatKey);
    if (stored !== undefined && !stored.equals(format)) {
      throw new KumulusError('unavailable', `the folder ${folder} holds a store of another format`);
    }
    const record = meta.get(ownerKey);
    const owner = record === undefined ? undefined : decodeOwner(record);
    if (owner !== undefined && isRunning(owner)) {
      return owner.pid;
    }
    meta.putSync(formatKey, format);
    meta.putSync(ownerKey, encodeOwner(thisProcess()));
    return undefined;
  });
}

function unusable(folder: string, cause: unknown): KumulusError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KumulusError('unavailable', `the folder ${folder} cannot be used as a store: ${reason}`, {
    cause,
  });
}
