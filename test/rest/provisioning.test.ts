import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ControlPlaneProcess, startControlPlaneProcess } from '../support/control-plane-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Dataplanes, and a token for each. The figures of the documents are for 5,000. */
const count = Number(process.env.PIPELINE_SIZE ?? 1_000);

/** Runs the pipeline, or kills it after some tokens; gives the tokens that it got, by the name of the Dataplane. */
async function run(program: string, api: string, killAfter = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, [program, api, String(count)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const tokens = new Map<string, string>();
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    const [name = '', token = ''] = line.split(' ');
    tokens.set(name, token);
    if (tokens.size >= killAfter) {
      child.kill('SIGKILL');
    }
  }
  await ended;
  return { tokens, errors };
}

const listSchema = z.object({ total: z.number(), items: z.array(z.object({ name: z.string() })) });
const changesSchema = z.object({ revision: z.number() });
const auditSchema = z.object({
  items: z.array(z.object({ action: z.string(), type: z.string(), name: z.string() })),
  next: z.string().nullable(),
});

async function get<Schema extends z.ZodType>(schema: Schema, url: string): Promise<z.output<Schema>> {
  const answer = await fetch(url, { headers: { accept: 'application/json' } });
  return schema.parse(await answer.json());
}

/** How many audit records there are of each action and type in the mesh. */
async function audited({ api }: ControlPlaneProcess): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let url: string | null = `${api}/_audit?size=1000`;
  while (url !== null) {
    const page: z.output<typeof auditSchema> = await get(auditSchema, url);
    for (const { action, type, name } of page.items) {
      if (name.startsWith('dp-')) {
        counts[`${action} ${type}`] = (counts[`${action} ${type}`] ?? 0) + 1;
      }
    }
    url = page.next;
  }
  return counts;
}

describe('a pipeline', () => {
  it('is killed halfway and run again: all is there, and nothing twice', async () => {
    const program = `${temporaryFolder()}/provisioning.mjs`;
    await build({
      entryPoints: ['test/rest/programs/provisioning.ts'],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
    });
    const server = await startControlPlaneProcess();
    const first = await run(program, server.api, count / 2);
    expect(first.tokens.size).toBeLessThan(count);
    const second = await run(program, server.api);
    expect([second.errors, second.tokens.size]).toEqual(['', count]);
    // Who had a token before has the same one now.
    for (const [name, token] of first.tokens) {
      expect(second.tokens.get(name)).toBe(token);
    }
    const mesh = `${server.api}/meshes/pipeline`;
    const list = await get(listSchema, `${mesh}/dataplanes?size=1000`);
    expect(list.total).toBe(count);
    const { revision } = await get(changesSchema, `${mesh}/_changes`);
    expect(await audited(server)).toEqual({ 'CREATE Dataplane': count, 'ISSUE DataplaneToken': count });
    const third = await run(program, server.api);
    expect(third.tokens).toEqual(second.tokens);
    // A third run changes nothing at all.
    expect((await get(changesSchema, `${mesh}/_changes`)).revision).toBe(revision);
    await server.stop();
  }, 180_000);
});
