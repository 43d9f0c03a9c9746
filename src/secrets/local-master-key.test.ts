import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { openLocalMasterKey, rotateLocalMasterKey } from './local-master-key.ts';
import { createSecretBox } from './secret-box.ts';

const acme = tenantId('acme');

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'master-key-'));
  path = join(folder, 'deep', 'key');
});
afterEach(() => rm(folder, { recursive: true }));

const box = async () => createSecretBox({ master: await openLocalMasterKey(path), clock: () => 0 });

it('is made on first use, for its owner alone, and is the same from then on', async () => {
  const sealed = await (await box()).seal(acme, 'x');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await (await box()).open(acme, sealed)).toBe('x');
  expect(await readdir(join(folder, 'deep'))).toEqual(['key']);
});

it('is one key, also where many start at once', async () => {
  const boxes = await Promise.all(Array.from({ length: 8 }, box));
  const sealed = await Promise.all(boxes.map((each) => each.seal(acme, 'x')));
  const last = await box();
  for (const each of sealed) expect(await last.open(acme, each)).toBe('x');
  expect(await readdir(join(folder, 'deep'))).toEqual(['key']);
});

it('opens after a rotation what was sealed before, and seals under the new key', async () => {
  const before = await (await box()).seal(acme, 'before');
  await rotateLocalMasterKey(path);
  const after = await (await box()).seal(acme, 'after');
  expect(after.split('.')[1]).not.toBe(before.split('.')[1]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await (await box()).open(acme, before)).toBe('before');
  expect(await (await box()).open(acme, after)).toBe('after');
});

it('tells when another key is in the file', async () => {
  const sealed = await (await box()).seal(acme, 'x');
  await rm(path);
  await expect((await box()).open(acme, sealed)).rejects.toMatchObject({
    code: 'internal',
    message: /^secret was sealed under key [a-z0-9]{16}, which is not in .*key: /,
  });
});

describe('files that are no key files', () => {
  const damaged = /is not a key file, or is damaged$/;
  it.each<[string, string | ((good: string) => string), RegExp]>([
    ['empty', '', damaged],
    ['no JSON', 'c2VjcmV0', damaged],
    ['another JSON', '{}', damaged],
    ['no keys', '{"current":"0123456789abcdef","keys":{}}', damaged],
    ['cut off', (good) => good.slice(0, -20), damaged],
    [
      'a changed key',
      (good) => good.replace(/: "(.)(.{43})"/, (_, a, b) => `: "${a === 'A' ? 'B' : 'A'}${b}"`),
      /is not what its name says/,
    ],
    ['a short key', (good) => good.replace(/": ".{44}"/, '": "AAAA"'), /is not what its name says/],
    [
      'another current',
      (good) => good.replace(/("current": ")..../, '$1abcd'),
      /the current key is not in it/,
    ],
  ])('%s', async (_, contents, message) => {
    await openLocalMasterKey(path);
    const good = await readFile(path, 'utf8');
    await writeFile(path, typeof contents === 'string' ? contents : contents(good));
    const error = await openLocalMasterKey(path).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'internal', message });
    const key = /: "(.{44})"/.exec(good)?.[1] ?? 'missing';
    expect(JSON.stringify(error) + String(error)).not.toContain(key.slice(2, 20));
  });

  it('a folder', async () => {
    await expect(openLocalMasterKey(folder)).rejects.toMatchObject({ message: /cannot be read: EISDIR$/ });
  });

  it('a place where nothing can be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openLocalMasterKey(join(folder, 'file', 'key'))).rejects.toMatchObject({
      message: /cannot be (made|read): ENOTDIR$/,
    });
  });
});
