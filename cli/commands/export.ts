import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { KumulusError } from '../../src/model/errors.ts';
import { resourceTypes } from '../../src/policies/registry.ts';
import type { Client } from '../client/client.ts';
import { itemsOf, listResources } from '../client/list.ts';
import type { TargetOptions } from '../config/target.ts';
import type { Surroundings } from '../surroundings.ts';
import { collectionPath } from '../types.ts';
import { connected, withTarget } from './connected.ts';

/** What is written may be secret: it is its owner's alone. */
const folderMode = 0o700;
const fileMode = 0o600;

/** Writes the resources of all types, as a YAML stream for each that has some; gives back how many there are. */
async function exportResources(client: Client, folder: string): Promise<number> {
  let count = 0;
  for (const type of resourceTypes) {
    const found = await listResources(client, collectionPath(type, undefined));
    const file = join(folder, type.readOnly ? 'observed' : 'resources', `${type.path}.yaml`);
    if (found.length > 0) {
      await writeFile(file, found.map((one) => stringify(one)).join('---\n'), { mode: fileMode });
    }
    count += found.length;
  }
  return count;
}

/** Writes the audit records, one in a line, the newest first; gives back how many there are. */
async function exportAudit(client: Client, file: string): Promise<number> {
  let count = 0;
  const handle = await open(file, 'w', fileMode);
  try {
    for await (const record of itemsOf(client, '/_audit', new URLSearchParams())) {
      await handle.write(`${JSON.stringify(record)}\n`);
      count += 1;
    }
  } finally {
    await handle.close();
  }
  return count;
}

/** `kumulus export <folder>`. */
export function exportCommand(surroundings: Surroundings): Command {
  return withTarget(new Command('export'))
    .description('write all that there is of a tenant into a folder, for who leaves or moves')
    .argument('<folder>', 'a new one')
    .action(async (folder: string, options: TargetOptions) => {
      try {
        await mkdir(folder, { mode: folderMode });
        await mkdir(join(folder, 'resources'));
        await mkdir(join(folder, 'observed'));
      } catch (cause) {
        throw new KumulusError('bad_request', `${folder} must be a folder that is not there yet`, { cause });
      }
      await connected(options, surroundings, async (client) => {
        const resources = await exportResources(client, folder);
        const records = await exportAudit(client, join(folder, 'audit.jsonl'));
        surroundings.note(`${resources} resources and ${records} audit records\n`);
      });
    });
}
