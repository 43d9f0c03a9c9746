import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/model/ports.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createResourceStore } from '../../src/store/create-resource-store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram } from './support/program.ts';
import { counted, printed } from './support/world.ts';

const tenant = tenantId('acme');

/** Runs the storm until it has acknowledged as many writes, and kills it in the middle; what it had acknowledged. */
async function storm(program: string, folder: string, acknowledgements: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length > acknowledgements) {
      child.kill('SIGKILL');
    }
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  // The last line may be half of one.
  return text.split('\n').slice(0, -1);
}

/** Opens what is left and checks that everything agrees, and that nothing that was acknowledged is missing. */
async function inspect(folder: string, acknowledged: readonly string[], before: number): Promise<number> {
  const items = createEmbeddedStore({ path: folder });
  const store = createResourceStore({
    items,
    secretBox: { seal: async (_, text) => text, open: async (_, sealed) => sealed },
    isSecret: () => false,
    clock: Date.now,
    logger: silentLogger,
  });
  const { revision, counts } = await store.head(tenant, 'default');
  const { resources } = await store.load(tenant, 'default');
  expect(counted(resources)).toStrictEqual(counts);

  const answer = await store.logAfter(tenant, 'default', 0);
  const entries = answer.kind === 'entries' ? answer.entries : [];
  expect(entries.map((entry) => entry.revision)).toStrictEqual(
    Array.from({ length: revision }, (_, n) => n + 1),
  );
  const versions = new Map<string, Set<number>>();
  const current = new Map<string, string>();
  for (const change of entries.flatMap((entry) => entry.changes)) {
    const { type, name } = change.kind === 'put' ? change.resource : change.key;
    const seen = versions.get(name) ?? new Set();
    versions.set(name, seen.add(change.kind === 'put' ? change.resource.version : 0));
    if (change.kind === 'put') {
      current.set(`${type}/${name}`, printed([change.resource]).join());
    } else {
      current.delete(`${type}/${name}`);
    }
  }
  expect([...current.values()].sort()).toStrictEqual(printed(resources));
  const inItems = await Promise.all(resources.map((resource) => store.get(tenant, resource)));
  expect(printed(inItems.flatMap((resource) => resource ?? []))).toStrictEqual(printed(resources));

  expect(revision).toBeGreaterThan(before);
  const missing = acknowledged.filter((line) => {
    const [name = '', version, at] = line.split(' ');
    const told = Number(at);
    return name !== 'started' && !(versions.get(name)?.has(Number(version)) === true && told <= revision);
  });
  expect(missing).toStrictEqual([]);
  await items.close();
  return revision;
}

describe('the store in files', () => {
  it('survives SIGKILL in the middle of many writes, again and again', { timeout: 120_000 }, async () => {
    const program = await buildProgram('test/store/programs/write-storm.ts');
    const folder = join(temporaryFolder(), 'store');
    let revision = 0;
    for (const acknowledgements of [2, 700, 41, 333, 150, 501, 90]) {
      const acknowledged = await storm(program, folder, acknowledgements);
      expect(acknowledged.length).toBeGreaterThanOrEqual(acknowledgements);
      revision = await inspect(folder, acknowledged, revision);
    }
  });
});
