import { Command } from 'commander';
import { readVariables } from '../../dp/template-variables.ts';
import { isKumulusError, KumulusError } from '../../src/model/errors.ts';
import { type AppliedChange, applyAnswerSchema, changeLines, summaryLine } from '../apply/apply-answer.ts';
import { type Batch, batchesOf } from '../apply/batches.ts';
import { type Document, readDocuments } from '../apply/read-documents.ts';
import type { Client } from '../client/client.ts';
import type { TargetOptions } from '../config/target.ts';
import { type Format, formatted, outputOption } from '../output/format.ts';
import { createProgress } from '../output/progress.ts';
import type { Surroundings } from '../surroundings.ts';
import { connected, repeated, withTarget } from './connected.ts';

interface ApplyOptions extends TargetOptions {
  readonly file: readonly string[];
  readonly var: readonly string[];
  readonly prune: readonly string[];
  readonly dryRun?: boolean;
  readonly output: Format;
}

const examples = `
Examples:
  A folder, and what it would change first:
    $ kumulus apply -f mesh/ --dry-run
    $ kumulus apply -f mesh/

  All that a pipeline owns, and nothing else of what it once owned:
    $ kumulus apply -f mesh/ --prune team.example/owner=shop
`;

/** Requests that are under way at once; each mesh takes one after the other anyway. */
const parallel = 4;

/** `kumulus apply`. */
export function applyCommand(surroundings: Surroundings): Command {
  return withTarget(new Command('apply'))
    .description('create and change resources from files')
    .requiredOption(
      '-f, --file <path>',
      'a file, a folder, or - for the standard input; may be repeated',
      repeated,
      [],
    )
    .option('-v, --var <key=value>', 'a variable of the files, {{ key }}; may be repeated', repeated, [])
    .option('--dry-run', 'only show what would change')
    .option(
      '--prune <label=value>',
      'delete what has this label and is in none of the files; may be repeated',
      repeated,
      [],
    )
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action(async (options: ApplyOptions) => {
      const documents = await readDocuments(
        options.file,
        readVariables(options.var, '--var'),
        surroundings.stdin,
      );
      if (documents.length === 0) {
        throw new KumulusError('bad_request', 'there is nothing to apply');
      }
      await connected(options, surroundings, async (client, mesh) => {
        const changes = await applyAll(client, batchesOf(documents, mesh), options, surroundings);
        const { dryRun = false } = options;
        for (const warning of changes.flatMap(({ warnings = [] }) => warnings)) {
          surroundings.note(`Warning: ${warning}\n`);
        }
        surroundings.out(formatted(options.output, { dryRun, changes }, () => changeLines(changes, dryRun)));
        surroundings.note(`${summaryLine(changes, dryRun)}\n`);
      });
    });
}

async function applyAll(
  client: Client,
  batches: readonly Batch[],
  options: ApplyOptions,
  surroundings: Surroundings,
): Promise<readonly AppliedChange[]> {
  const query = new URLSearchParams(options.dryRun === true ? { dryRun: 'true' } : {});
  for (const label of options.prune) {
    query.append('prune', label);
  }
  requirePrunable(batches, options.prune);
  const total = batches.reduce((sum, { documents }) => sum + documents.length, 0);
  const progress = createProgress('applied', total, surroundings);
  const applied: (readonly AppliedChange[])[] = [];
  let done = 0;
  const run = async (position: number) => {
    const batch = batches[position];
    if (batch !== undefined) {
      applied[position] = await applyBatch(client, batch, query, surroundings);
      done += batch.documents.length;
      if (batches.length > 1) {
        progress.advance(done);
      }
    }
  };
  try {
    for (const wave of wavesOf(batches)) {
      await Promise.all(wave.map(run));
    }
  } catch (error) {
    progress.end();
    throw done === 0 ? error : withDone(error, done, total);
  }
  progress.end();
  return applied.flat();
}

/** Positions of batches that go at once: what is beside the meshes and a mesh's first batch come before what needs them. */
function wavesOf(batches: readonly Batch[]): readonly (readonly number[])[] {
  const waves: number[][] = [];
  let lastMesh: string | undefined;
  let width = 0;
  for (const [position, { mesh }] of batches.entries()) {
    const wave = waves.at(-1);
    const isFirst = mesh !== lastMesh;
    if (wave === undefined || isFirst || mesh === '' || width >= parallel) {
      waves.push([position]);
      // Nothing of a mesh goes along with its first batch, which may make it.
      width = isFirst ? parallel : 1;
    } else {
      wave.push(position);
      width += 1;
    }
    lastMesh = mesh;
  }
  return waves;
}

async function applyBatch(
  client: Client,
  { documents }: Batch,
  query: URLSearchParams,
  { ids }: Surroundings,
): Promise<readonly AppliedChange[]> {
  const path = query.size === 0 ? '/_apply' : `/_apply?${query}`;
  try {
    const { text } = await client.ask('POST', path, {
      body: documents.map(({ body }) => body),
      headers: { 'idempotency-key': ids() },
    });
    return applyAnswerSchema.parse(JSON.parse(text)).changes;
  } catch (error) {
    throw isKumulusError(error) ? withSources(error, documents) : error;
  }
}

/** Says where the documents stand that the control plane refuses by their position. */
function withSources(error: KumulusError, documents: readonly Document[]): KumulusError {
  const message = error.message.replace(/documents\[(\d+)\]\.?/g, (words, position: string) => {
    const source = documents[Number(position)]?.source;
    return source === undefined ? words : `${source}: `;
  });
  return new KumulusError(error.code, message, { cause: error });
}

/** What is deleted depends on all documents of a mesh, so that they must go in one request. */
function requirePrunable(batches: readonly Batch[], prune: readonly string[]): void {
  const meshes = batches.map(({ mesh }) => mesh);
  const cutMesh = meshes.find((mesh, position) => meshes.indexOf(mesh) !== position);
  if (prune.length > 0 && cutMesh !== undefined) {
    throw new KumulusError(
      'payload_too_large',
      `--prune needs all documents of a mesh in one request, and those of ${cutMesh || 'the global scope'} are too many`,
    );
  }
}

function withDone(error: unknown, done: number, total: number): unknown {
  if (!isKumulusError(error)) {
    return error;
  }
  return new KumulusError(
    error.code,
    `${error.message}\n${done} of ${total} documents were applied before; applying them again changes nothing`,
    { cause: error },
  );
}
