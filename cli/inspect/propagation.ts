import * as z from 'zod';
import { age, table } from '../output/table.ts';

const waitedForSchema = z.looseObject({
  name: z.string(),
  has: z.number(),
  given: z.number(),
  since: z.string(),
  reason: z.string(),
  message: z.string().exactOptional(),
});

const propagationSchema = z.looseObject({
  mesh: z.string(),
  revision: z.number(),
  complete: z.boolean(),
  proxies: z.looseObject({
    connected: z.number(),
    have: z.number(),
    waiting: z.number(),
    failed: z.number(),
    offline: z.number(),
  }),
  waitingFor: z.array(waitedForSchema),
  unnamed: z.number(),
});

/** What `_propagation` answers. */
export type Propagation = z.output<typeof propagationSchema>;
type WaitedFor = z.output<typeof waitedForSchema>;

/** Where `_propagation` of a mesh is. */
export function propagationPath(mesh: string, query: Readonly<Record<string, string>>): string {
  const parameters = new URLSearchParams(query);
  const path = `/meshes/${encodeURIComponent(mesh)}/_propagation`;
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

export function readPropagation(value: unknown): Propagation {
  return propagationSchema.parse(value);
}

const words: Readonly<Record<string, string>> = {
  not_given: 'was not told yet',
  not_acknowledged: 'has not answered',
  refused: 'refused it',
  not_configured: 'could not be configured',
};

function reasonOf({ reason }: WaitedFor): string {
  return words[reason] ?? reason;
}

/** Counts, and below them who is waited for. */
export function propagationTable(found: Propagation, now: number): string {
  const { revision, proxies, waitingFor } = found;
  const { connected, have, waiting, failed, offline } = proxies;
  const counts = table(
    ['REVISION', 'CONNECTED', 'HAVE IT', 'WAITING', 'FAILED', 'OFFLINE'],
    [[revision, connected, have, waiting, failed, offline].map(String)],
  );
  const names = table(
    ['NAME', 'HAS', 'GIVEN', 'SINCE', 'WHY'],
    waitingFor.map((one) => [
      one.name,
      String(one.has),
      String(one.given),
      age(one.since, now),
      one.message === undefined ? reasonOf(one) : `${reasonOf(one)}: ${one.message}`,
    ]),
  );
  return waitingFor.length === 0 ? counts : `${counts}\n${names}${moreLine(found)}`;
}

/** How many proxies of a mesh do not have a revision, and a line for each that is named. */
export function missingLines(found: Propagation, now: number): string {
  const { mesh, revision, proxies, waitingFor } = found;
  const missing = proxies.connected - proxies.have;
  const lines = waitingFor.map(
    (one) =>
      `  ${one.name} ${reasonOf(one)}, for ${age(one.since, now)}${one.message === undefined ? '' : `: ${one.message}`}\n`,
  );
  const head = `${missing} of ${proxies.connected} proxies of mesh ${mesh} do not have revision ${revision}\n`;
  return `${head}${lines.join('')}${moreLine(found)}`.trimEnd();
}

function moreLine({ unnamed, waitingFor }: Propagation): string {
  return unnamed === 0 ? '' : `  ${waitingFor.length === 0 ? '' : 'and '}${unnamed} more\n`;
}
