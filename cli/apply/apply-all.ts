import { isKumulusError, KumulusError } from '../../src/model/errors.ts';
import type { Client } from '../client/client.ts';
import { createProgress } from '../output/progress.ts';
import type { Surroundings } from '../surroundings.ts';
import { type AppliedChange, type ApplyAnswer, applyAnswerSchema } from './apply-answer.ts';
import type { Batch } from './batches.ts';
import type { Document } from './read-documents.ts';

export interface ApplyAllOptions {
  readonly prune: readonly string[];
  readonly dryRun?: boolean;
}

/** Requests that are under way at once; each mesh takes one after the other anyway. */
const parallel = 4;

/** What was done, and the revision that each changed mesh has reached. */
export interface Applied {
  readonly changes: readonly AppliedChange[];
  readonly revisions: ReadonlyMap<string, number>;
}

/**
 * Sends the batches in their order, some at once where they need not wait for one another, and tells how far it is.
 *
 * @throws KumulusError with the files of what is wrong, and how much was applied before.
 */
export async function applyAll(
  client: Client,
  batches: readonly Batch[],
  options: ApplyAllOptions,
  surroundings: Surroundings,
): Promise<Applied> {
  const query = new URLSearchParams(options.dryRun === true ? { dryRun: 'true' } : {});
  for (const label of options.prune) {
    query.append('prune', label);
  }
  requirePrunable(batches, options.prune);
  const total = batches.reduce((sum, { documents }) => sum + documents.length, 0);
  const progress = createProgress('applied', total, surroundings);
  const applied: (readonly AppliedChange[])[] = [];
  const revisions = new Map<string, number>();
  let done = 0;
  const run = async (position: number) => {
    const batch = batches[position];
    if (batch !== undefined) {
      const answer = await applyBatch(client, batch, query, surroundings);
      applied[position] = answer.changes;
      for (const [mesh, revision] of Object.entries(answer.revisions)) {
        revisions.set(mesh, Math.max(revision, revisions.get(mesh) ?? 0));
      }
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
  return { changes: applied.flat(), revisions };
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
): Promise<ApplyAnswer> {
  const path = query.size === 0 ? '/_apply' : `/_apply?${query}`;
  try {
    const { text } = await client.ask('POST', path, {
      body: documents.map(({ body }) => body),
      headers: { 'idempotency-key': ids() },
    });
    return applyAnswerSchema.parse(JSON.parse(text));
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
