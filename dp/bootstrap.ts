import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { KumulusError } from '../src/model/errors.ts';

/** The bootstrap configuration of Envoy, as the control plane made it. */
export interface Bootstrap {
  readonly yaml: string;
  /** Where Envoy's admin API will listen. */
  readonly admin: { readonly address: string; readonly port: number };
}

/**
 * Reads the control plane's answer: JSON whose `bootstrap` is base64 of YAML.
 *
 * @throws KumulusError `bad_request` where it is something else.
 */
export function readBootstrap(answer: string): Bootstrap {
  const encoded = path(parseOr(answer, JSON.parse), ['bootstrap']);
  if (typeof encoded !== 'string' || encoded === '') {
    throw new KumulusError('bad_request', 'the answer of the control plane is no bootstrap');
  }
  const yaml = Buffer.from(encoded, 'base64').toString('utf8');
  const parsed = parseOr(yaml, parse);
  const socket = either(path(parsed, ['admin', 'address']), 'socketAddress', 'socket_address');
  const port = either(socket, 'portValue', 'port_value');
  const address = path(socket, ['address']);
  return {
    yaml,
    admin: {
      address: typeof address === 'string' && address !== '' ? address : '127.0.0.1',
      port: typeof port === 'number' ? port : 0,
    },
  };
}

/**
 * Writes the bootstrap for Envoy, which alone needs to read it: the token is inside. Whole or not at all, and never for
 * others to read, not even where the file was there before.
 *
 * @returns its path.
 */
export async function writeBootstrap(bootstrap: Bootstrap, workDir: string): Promise<string> {
  const file = join(workDir, 'bootstrap.yaml');
  const fresh = `${file}.new`;
  try {
    await mkdir(workDir, { recursive: true });
    await writeFile(fresh, bootstrap.yaml, { mode: 0o600 });
    await chmod(fresh, 0o600);
    await rename(fresh, file);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it failed';
    throw new KumulusError('internal', `cannot write ${file}: ${why}`, { cause: error });
  }
  return file;
}

function parseOr(text: string, read: (text: string) => unknown): unknown {
  try {
    return read(text);
  } catch {
    throw new KumulusError('bad_request', 'the answer of the control plane is no bootstrap');
  }
}

function path(value: unknown, names: readonly string[]): unknown {
  let at = value;
  for (const name of names) {
    at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  }
  return at;
}

/** Protobuf's YAML has both spellings of a member. */
function either(value: unknown, camel: string, snake: string): unknown {
  return path(value, [camel]) ?? path(value, [snake]);
}
