import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createHistory } from '../../src/events/history.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { tenantId } from '../../src/model/tenant.ts';
import type { AuditRecord } from '../../src/store/audit/audit-record.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram } from './support/program.ts';

const tenant = tenantId('acme');

/** Runs the storm until it has said as many lines, and kills it in the middle; its lines, by their first word. */
async function storm(program: string, folder: string, lines: number) {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length > lines) {
      child.kill('SIGKILL');
    }
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  // The last line may be half of one.
  const whole = text.split('\n').slice(0, -1);
  const said = (word: string) =>
    whole.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return { committed: said('committed'), published: said('published') };
}

/** What the next process finds: the records of all that was written, and the events that it publishes of them. */
async function next(folder: string) {
  const items = createEmbeddedStore({ path: folder });
  const swept: string[] = [];
  const { audit, publisher } = createHistory({
    items,
    clock: Date.now,
    ids: randomUUID,
    logger: silentLogger,
    retentionDays: () => 90,
    bus: {
      async publish(events) {
        swept.push(...events.map(({ id }) => id));
      },
    },
    waits: false,
  });
  await publisher?.sweep(0);
  const records: AuditRecord[] = [];
  let after: string | undefined;
  do {
    const page = await audit.read(tenant, { limit: 1000, ...(after !== undefined && { after }) });
    records.push(...page.records);
    after = page.next;
  } while (after !== undefined);
  const again = await publisher?.sweep(0);
  await items.close();
  return { records, swept, again };
}

it('nothing goes unpublished when a process is killed between commit and publication', {
  timeout: 60_000,
}, async () => {
  const program = await buildProgram('test/store/programs/publish-storm.ts');
  const folder = join(temporaryFolder(), 'store');
  const published = new Set<string>();
  let left = 0;
  for (const lines of [1, 40, 7, 150, 90]) {
    const said = await storm(program, folder, lines);
    const { records, swept, again } = await next(folder);
    const before = new Set([...published, ...said.published]);
    left += swept.filter((id) => !before.has(id)).length;
    for (const id of [...said.published, ...swept]) {
      published.add(id);
    }
    expect(published).toStrictEqual(new Set(records.map(({ id }) => id)));
    const recorded = new Set(records.map(({ name, version }) => `${name} ${version}`));
    expect(said.committed.filter((line) => !recorded.has(line))).toStrictEqual([]);
    expect(again).toBe(0);
  }
  expect(left).toBeGreaterThan(0);
});
