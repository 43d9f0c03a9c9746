import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { KumulusError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import { decrypt, encrypt } from './aead.ts';
import type { DataKey, MasterKey } from './master-key.ts';

const keyLength = 32;

/** `current` wraps; the others only open what they wrapped before. */
const fileSchema = z.strictObject({
  current: z.string(),
  keys: z
    .record(z.string().regex(/^[a-z0-9]{16}$/), z.base64())
    .refine((keys) => Object.keys(keys).length > 0),
});

interface KeyFile {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Buffer>;
}

/**
 * A master key in a file of this machine. The file is made on first use, readable by its owner alone; two processes
 * that start at once end up with the same one.
 *
 * @throws KumulusError `internal` where the file cannot be read or made, or is no key file. Nothing of its contents is
 *   in the message.
 */
export async function openLocalMasterKey(path: string): Promise<MasterKey> {
  const { current, keys } = (await readKeyFile(path)) ?? (await createKeyFile(path));

  return {
    async generate(tenant): Promise<DataKey> {
      const plain = randomBytes(keyLength);
      return { masterId: current, plain, wrapped: encrypt(keyNamed(current), plain, bound(tenant, current)) };
    },
    async unwrap(tenant, masterId, wrapped) {
      const plain = decrypt(keyNamed(masterId), wrapped, bound(tenant, masterId));
      if (plain === undefined) {
        throw new KumulusError('internal', 'data key was changed, or belongs to another tenant');
      }
      return plain;
    },
  };

  function keyNamed(id: string): Buffer {
    const key = keys.get(id);
    if (key === undefined) {
      throw new KumulusError(
        'internal',
        `secret was sealed under key ${id}, which is not in ${path}: the file belongs to other data or has lost a key`,
      );
    }
    return key;
  }
}

/** Adds a new key to the file, which wraps from the next start on; what the old ones wrapped still opens. */
export async function rotateLocalMasterKey(path: string): Promise<void> {
  const file = (await readKeyFile(path)) ?? (await createKeyFile(path));
  const key = randomBytes(keyLength);
  const id = identify(key);
  const temporary = await writeTemporary(path, { current: id, keys: new Map([...file.keys, [id, key]]) });
  await rename(temporary, path);
}

function bound(tenant: TenantId, id: string): string {
  return `data-key/${tenant}/${id}`;
}

/** The first 64 bits of the key's hash: tells keys apart and gives nothing away. */
function identify(key: Uint8Array): string {
  return createHash('sha256').update('kumulus master key ').update(key).digest('hex').slice(0, 16);
}

async function readKeyFile(path: string): Promise<KeyFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new KumulusError(
      'internal',
      `key file ${path} cannot be read: ${codeOf(cause) ?? 'unknown error'}`,
    );
  }
  return parseKeyFile(path, text);
}

function parseKeyFile(path: string, text: string): KeyFile {
  const parsed = fileSchema.safeParse(jsonOrUndefined(text));
  if (!parsed.success)
    throw new KumulusError('internal', `key file ${path} is not a key file, or is damaged`);
  const keys = new Map<string, Buffer>();
  for (const [id, base64] of Object.entries(parsed.data.keys)) {
    const key = Buffer.from(base64, 'base64');
    if (key.length !== keyLength || identify(key) !== id) {
      throw new KumulusError('internal', `key file ${path} is damaged: key ${id} is not what its name says`);
    }
    keys.set(id, key);
  }
  if (!keys.has(parsed.data.current)) {
    throw new KumulusError('internal', `key file ${path} is damaged: the current key is not in it`);
  }
  return { current: parsed.data.current, keys };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's words quote the text, which may be a key.
    return undefined;
  }
}

async function createKeyFile(path: string): Promise<KeyFile> {
  const key = randomBytes(keyLength);
  const made: KeyFile = { current: identify(key), keys: new Map([[identify(key), key]]) };
  const temporary = await writeTemporary(path, made);
  try {
    // A link fails where a file is there already, so the first of two processes wins, and nobody reads half a file.
    await link(temporary, path);
    return made;
  } catch (cause) {
    const other = codeOf(cause) === 'EEXIST' ? await readKeyFile(path) : undefined;
    if (other !== undefined) return other;
    throw new KumulusError(
      'internal',
      `key file ${path} cannot be made: ${codeOf(cause) ?? 'unknown error'}`,
    );
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeTemporary(path: string, file: KeyFile): Promise<string> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  const keys = Object.fromEntries([...file.keys].map(([id, key]) => [id, key.toString('base64')]));
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ current: file.current, keys }, null, 2)}\n`);
      // What is sealed under a key that a power cut has eaten is lost for good.
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new KumulusError(
      'internal',
      `key file ${path} cannot be made: ${codeOf(cause) ?? 'unknown error'}`,
    );
  }
  return temporary;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
