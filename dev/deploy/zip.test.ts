import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { zip } from './zip.ts';

const text = (content: string) => Buffer.from(content);
const files = new Map<string, Uint8Array>([
  ['functions/api.mjs', text(`export const handler = '${'a'.repeat(10_000)}';`)],
  ['functions/chunks/é.mjs', text('ä')],
  ['empty', text('')],
  ['bytes', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
]);

/** What another implementation reads out of an archive, having checked its sums. */
function read(archive: Uint8Array): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-zip-'));
  try {
    const file = join(folder, 'a.zip');
    writeFileSync(file, archive);
    const program = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps([[i.filename, archive.read(i).hex(), oct(i.external_attr >> 16), list(i.date_time)] for i in archive.infolist()]))`;
    return JSON.parse(execFileSync('python3', ['-c', program, file], { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('zip', () => {
  it('is read by others, in the order of names, with no time and readable for everybody', () => {
    const expected = [...files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, content]) => [
        path,
        Buffer.from(content).toString('hex'),
        '0o100644',
        [1980, 1, 1, 0, 0, 0],
      ]);
    expect(read(zip(files))).toEqual(expected);
  });

  it('is the same for the same files, however they come', () => {
    expect(zip(new Map([...files].reverse())).equals(zip(files))).toBe(true);
    expect(zip(new Map([...files, ['empty', text('not')]])).equals(zip(files))).toBe(false);
  });

  it('may be empty', () => {
    expect(read(zip(new Map()))).toEqual([]);
  });
});
