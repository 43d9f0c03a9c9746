import { readFile, stat } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { KumulusError } from '../src/model/errors.ts';
import type { DataplaneSettings } from './settings.ts';
import { renderTemplate } from './template.ts';

/** The proxy's own resource, as it is sent to the control plane, which checks the rest of it. */
export interface DataplaneResource {
  readonly mesh: string;
  readonly name: string;
  readonly json: string;
}

const typeOf = { dataplane: 'Dataplane', ingress: 'ZoneIngress', egress: 'ZoneEgress' } as const;

/** Far above any real Dataplane, and small enough to parse in no time. */
const maxBytes = 1_048_576;

/**
 * Reads the resource of `--dataplane-file` (which goes first) or `--dataplane`: a Mustache template of YAML or JSON. Undefined
 * where neither was given.
 *
 * @throws KumulusError `not_found` for a file that cannot be read, `bad_request` for what it says.
 */
export async function readDataplaneResource(
  settings: DataplaneSettings,
  variables: ReadonlyMap<string, string>,
  stdin: () => Promise<string>,
): Promise<DataplaneResource | undefined> {
  const file = settings.dataplaneFile;
  const template = file === undefined ? settings.dataplane : await readTemplate(file, stdin);
  if (template === undefined) return undefined;
  const source = file ?? '--dataplane';
  try {
    if (template.length > maxBytes) {
      throw new KumulusError(
        'bad_request',
        `must be at most ${maxBytes} characters long, is ${template.length}`,
      );
    }
    return toResource(parseYaml(renderTemplate(template, variables)), typeOf[settings.proxyType]);
  } catch (error) {
    if (!(error instanceof KumulusError)) throw error;
    throw new KumulusError(error.code, `${source}: ${error.message}`);
  }
}

async function readTemplate(file: string, stdin: () => Promise<string>): Promise<string> {
  if (file === '-') return stdin();
  const text = await readTextFile(file, '--dataplane-file');
  if (text.trim() === '') throw new KumulusError('bad_request', `${file}: the file is empty`);
  return text;
}

/**
 * Reads a small text file.
 *
 * @param setting Which setting named it, for the message.
 * @throws KumulusError `not_found` where it cannot be read, `payload_too_large` above a mebibyte.
 */
export async function readTextFile(file: string, setting: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > maxBytes) {
      throw new KumulusError('payload_too_large', `${file} (${setting}) is larger than ${maxBytes} bytes`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof KumulusError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const why = { ENOENT: 'no such file', EACCES: 'permission denied', EISDIR: 'is a folder' }[code] ?? code;
    throw new KumulusError('not_found', `cannot read ${file} (${setting}): ${why}`);
  }
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new KumulusError('bad_request', `invalid YAML: ${error.message.split('\n')[0]?.replace(/:$/, '')}`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new KumulusError('bad_request', 'invalid YAML: too many aliases');
  }
}

function toResource(parsed: unknown, expectedType: string): DataplaneResource {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new KumulusError('bad_request', `must hold a resource of type ${expectedType}`);
  }
  const member = (name: string): unknown =>
    Object.hasOwn(parsed, name) ? Reflect.get(parsed, name) : undefined;
  const type = member('type');
  if (type !== expectedType) {
    throw new KumulusError(
      'bad_request',
      `type must be ${expectedType}, got ${JSON.stringify(type) ?? 'none'}`,
    );
  }
  const name = member('name');
  if (typeof name !== 'string' || name === '') {
    throw new KumulusError('bad_request', 'name must be text that is not empty');
  }
  const mesh = member('mesh') ?? '';
  if (typeof mesh !== 'string' || (mesh === '' && expectedType === 'Dataplane')) {
    throw new KumulusError('bad_request', 'mesh must be text that is not empty');
  }
  return { mesh, name, json: JSON.stringify(parsed) };
}
