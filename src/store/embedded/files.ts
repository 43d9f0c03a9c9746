import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/*
 * lmdb-js ends the whole process with a segmentation fault where LMDB cannot open its files. So what can be known to
 * go wrong is found out here first, without writing anything.
 */

/** The start of LMDB's meta page (mdb.c, MDB_meta), behind the header of the page. */
const metaOffset = 24;
const lmdbMagic = 0xbeefc0de;
/** The format that lmdb-js 3 writes. */
const lmdbFormat = 2;
/** The two meta pages at the start, of which neither can be missing, of the smallest pages there are. */
const smallestFile = 2 * 4096;

/**
 * Makes the folder where it is missing and checks that LMDB can work in it; its real path.
 *
 * @throws Error with the system's or our own words for what is wrong.
 */
export function prepareFolder(path: string): string {
  makeFolder(resolve(path));
  accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  const folder = realpathSync(path);
  checkFile(join(folder, 'lock.mdb'), () => {});
  checkFile(join(folder, 'data.mdb'), checkHeader);
  return folder;
}

/** Step by step: Node's own `recursive` never ends where a file system (such as /proc) answers ENOENT to every mkdir. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') {
      return;
    }
    if (code !== 'ENOENT' || dirname(path) === path) {
      throw error;
    }
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

/** A file that is there must be one that can be read and written, and pass the check. */
function checkFile(path: string, check: (descriptor: number, size: number) => void): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r+');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return;
    }
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    // LMDB starts from an empty file as from none.
    if (size > 0) {
      check(descriptor, size);
    }
  } finally {
    closeSync(descriptor);
  }
}

function checkHeader(descriptor: number, size: number): void {
  const meta = Buffer.alloc(8);
  readSync(descriptor, meta, 0, meta.length, metaOffset);
  if (size < smallestFile || meta.readUInt32LE(0) !== lmdbMagic) {
    throw new Error('data.mdb is not a database of LMDB');
  }
  // The upper half holds flags of a build for development.
  if (meta.readUInt16LE(4) !== lmdbFormat) {
    throw new Error(`data.mdb is of format ${meta.readUInt16LE(4)} of LMDB, ${lmdbFormat} is needed`);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
