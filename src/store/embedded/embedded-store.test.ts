import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isKumulusError } from '../../model/errors.ts';
import { tenantId } from '../../model/tenant.ts';
import type { Operation } from '../port.ts';
import { createEmbeddedStore, type EmbeddedStoreOptions } from './embedded-store.ts';
import { decodeOwner, encodeOwner, isRunning, thisProcess } from './folder-lock.ts';

const acme = tenantId('acme');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kumulus-embedded-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What opening the store says when it fails. */
function refusal(options: EmbeddedStoreOptions): string {
  try {
    createEmbeddedStore(options);
    return 'opened';
  } catch (error) {
    return isKumulusError(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

function put(sort: string, value: string, expiresAt?: number): Operation {
  const item = { partition: 'p', sort, version: 1, value };
  return { kind: 'put', item: expiresAt === undefined ? item : { ...item, expiresAt } };
}

describe('the store in files', () => {
  it('finds what it wrote when it is opened again', async () => {
    const path = join(folder, 'made', 'on', 'the', 'way');
    const first = createEmbeddedStore({ path });
    await first.transact(acme, [put('a', '1'), put('b', '2')]);
    await first.close();
    const second = createEmbeddedStore({ path });
    expect((await second.query(acme, { partition: 'p' })).items.map(({ value }) => value)).toStrictEqual([
      '1',
      '2',
    ]);
    await second.close();
  });

  it('writes what was asked for before it closes, and nothing after', async () => {
    const store = createEmbeddedStore({ path: folder });
    const written = Array.from({ length: 100 }, (_, n) => store.transact(acme, [put(`n-${n}`, 'x')]));
    await store.close();
    await Promise.all(written);
    await store.close();
    const late = await store.transact(acme, [put('late', 'x')]).catch((error: unknown) => error);
    expect(isKumulusError(late, 'unavailable')).toBe(true);
    await expect(store.get(acme, { partition: 'p', sort: 'n-1' })).rejects.toThrow('is closed');
    const again = createEmbeddedStore({ path: folder });
    expect((await again.query(acme, { partition: 'p' })).items).toHaveLength(100);
    await again.close();
  });

  it('writes what one owner asks for before all that another has asked for', async () => {
    const store = createEmbeddedStore({ path: folder });
    const crowd = 1_000;
    let written = 0;
    const writes = Array.from({ length: crowd }, async (_, n) => {
      await store.transact(acme, [put(`n-${n}`, 'x')]);
      written += 1;
    });
    await store.transact(tenantId('quiet'), [put('one', 'x')]);
    expect(written).toBeLessThan(crowd / 2);
    await Promise.all(writes);
    await store.close();
  });

  it('is open once, by whatever name', async () => {
    const store = createEmbeddedStore({ path: folder });
    const link = join(folder, '..', `${folder.split('/').at(-1)}-link`);
    symlinkSync(folder, link);
    expect(refusal({ path: folder })).toBe(`conflict: the folder ${folder} is in use by this process`);
    expect(refusal({ path: link })).toBe(`conflict: the folder ${folder} is in use by this process`);
    rmSync(link);
    await store.transact(acme, [put('a', 'still works')]);
    await store.close();
    const again = createEmbeddedStore({ path: folder });
    expect((await again.get(acme, { partition: 'p', sort: 'a' }))?.value).toBe('still works');
    await again.close();
  });

  it('tells that a folder cannot be used', () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'a file');
    expect(refusal({ path: file })).toMatch(/^unavailable: the folder .*file cannot be used as a store: /);
    expect(refusal({ path: join(file, 'below') })).toMatch(/^unavailable: the folder .*below cannot be used/);
    expect(refusal({ path: '/proc/kumulus' })).toMatch(
      /^unavailable: the folder \/proc\/kumulus cannot be used/,
    );
    expect(readFileSync(file, 'utf8')).toBe('a file');
  });

  const header = (magic: number, format: number, size: number) => {
    const file = Buffer.alloc(size);
    file.writeUInt32LE(magic, 24);
    file.writeUInt32LE(format, 28);
    return file;
  };
  it.each([
    ['data.mdb', 'of something else', Buffer.alloc(16_384, 'not a database '), 'is not a database of LMDB'],
    ['data.mdb', 'of nothing', Buffer.alloc(16_384), 'is not a database of LMDB'],
    ['data.mdb', 'of a few bytes', Buffer.from('abc'), 'is not a database of LMDB'],
    ['data.mdb', 'that is cut off', header(0xbeefc0de, 2, 4096), 'is not a database of LMDB'],
    ['data.mdb', 'of another format', header(0xbeefc0de, 1, 8192), 'is of format 1 of LMDB, 2 is needed'],
  ])('refuses a %s %s and leaves it as it is', (name, _, content, reason) => {
    const file = join(folder, name);
    writeFileSync(file, content);
    expect(refusal({ path: folder })).toBe(
      `unavailable: the folder ${folder} cannot be used as a store: ${name} ${reason}`,
    );
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it.each(['data.mdb', 'lock.mdb'])('refuses a %s that is a folder', (name) => {
    mkdirSync(join(folder, name));
    expect(refusal({ path: folder })).toMatch(/^unavailable: the folder .* EISDIR/);
  });

  it('starts from an empty file, as a process that was killed at once may leave it', async () => {
    writeFileSync(join(folder, 'data.mdb'), '');
    const store = createEmbeddedStore({ path: folder });
    await store.transact(acme, [put('a', '1')]);
    await store.close();
  });

  it('removes what has expired, by itself and when it is told to', async () => {
    let now = 1_800_000_000_000;
    const path = join(folder, 'store');
    mkdirSync(path);
    const store = createEmbeddedStore({ path, clock: () => now });
    const end = now / 1000 + 10;
    await store.transact(acme, [put('a', 'SOON-GONE', end), put('b', 'x', end + 60), put('c', 'stays')]);
    await store.transact(acme, [put('d', 'x', end), put('e', 'x', end)]);
    await store.transact(acme, [
      put('d', 'kept, written again'),
      { kind: 'delete', key: { partition: 'p', sort: 'e' } },
    ]);
    expect(await store.purgeExpired()).toBe(0);
    now += 10_000;
    expect(await store.purgeExpired()).toBe(1);
    expect(await store.purgeExpired()).toBe(0);
    now += 60_000;
    await store.transact(acme, [put('f', 'any write')]);
    expect(await store.purgeExpired()).toBe(0);
    expect((await store.query(acme, { partition: 'p' })).items.map(({ sort }) => sort)).toStrictEqual([
      'c',
      'd',
      'f',
    ]);
    await store.close();
  });
});

describe('the holder of a folder', () => {
  it('runs while its process does, told by its start and not by its number alone', () => {
    const own = thisProcess();
    expect(isRunning(own)).toBe(true);
    expect(isRunning({ ...own, started: '1' })).toBe(false);
    expect(isRunning({ ...own, host: 'another.host' })).toBe(false);
    expect(isRunning({ ...own, pid: 2 ** 22 + 1 })).toBe(false);
    expect(decodeOwner(encodeOwner(own))).toStrictEqual(own);
  });

  it.each(['', '{}', '[]', '{"pid":"1","host":"","started":""}', 'null'])('is none that reads %s', (text) => {
    expect(decodeOwner(Buffer.from(text))).toBeUndefined();
  });
});
