import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { renderTemplate } from '../../dp/template.ts';
import { KumulusError } from '../../src/model/errors.ts';

/** One resource to apply, and where it stands. */
export interface Document {
  /** Such as `mesh.yaml, document 2`. */
  readonly source: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const endings: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);

/**
 * Reads files, folders (all that is in them, by name) and, as `-`, the standard input. Where there are variables, texts
 * are filled as templates first, as kumactl's `--var` does it.
 *
 * @throws KumulusError `bad_request` that names the file.
 */
export async function readDocuments(
  paths: readonly string[],
  variables: ReadonlyMap<string, string>,
  stdin: () => Promise<string>,
): Promise<readonly Document[]> {
  const documents: Document[] = [];
  for (const path of paths) {
    const files = path === '-' ? [path] : filesIn(path);
    if (files.length === 0) {
      throw new KumulusError('bad_request', `there is no YAML and no JSON in ${path}`);
    }
    for (const file of files) {
      const text = file === '-' ? await stdin() : readFileSync(file, 'utf8');
      documents.push(...parsed(file === '-' ? 'standard input' : file, text, variables));
    }
  }
  return documents;
}

function filesIn(path: string): readonly string[] {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    throw new KumulusError(
      'bad_request',
      `cannot read ${path}: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (!isFolder) {
    return [path];
  }
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function parsed(source: string, text: string, variables: ReadonlyMap<string, string>): readonly Document[] {
  const filled = variables.size === 0 ? text : renderTemplate(text, variables, '--var');
  return Array.from(parseAllDocuments(filled)).flatMap((document, position) => {
    const where = `${source}, document ${position + 1}`;
    const [problem] = document.errors;
    if (problem !== undefined) {
      throw new KumulusError('bad_request', `${where}: ${problem.message.split('\n', 1).join('')}`);
    }
    return resourcesIn(document.toJS(), where);
  });
}

/** A resource, a list of them, or what a list of the API answers; nothing in an empty document. */
function resourcesIn(value: unknown, where: string): readonly Document[] {
  const items: unknown = isObject(value) && value.type === undefined ? value.items : undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : Array.isArray(items) ? items : [value];
  return list.flatMap((body) => {
    if (body === null || body === undefined) {
      return [];
    }
    if (!isObject(body)) {
      throw new KumulusError('bad_request', `${where} is no resource`);
    }
    return [{ source: where, body }];
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
