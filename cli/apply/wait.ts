import { KumulusError } from '../../src/model/errors.ts';
import type { Client } from '../client/client.ts';
import { missingLines, type Propagation, propagationPath, readPropagation } from '../inspect/propagation.ts';
import { createProgress } from '../output/progress.ts';
import type { Surroundings } from '../surroundings.ts';

/** How far each of the meshes has got. */
export interface Waited {
  readonly propagation: readonly Propagation[];
  /** Says who does not have it and why; undefined where all have. */
  readonly error: KumulusError | undefined;
}

type World = Pick<Surroundings, 'note' | 'notesToTerminal' | 'clock' | 'sleep'>;

/** Seconds that one request waits, so that there is progress to be seen. */
const requestSeconds = 3;
/** Once one has failed, how long to look what becomes of the others, and how often, in milliseconds. */
const othersMs = 2_000;
const lookMs = 250;

/**
 * Waits until all connected proxies of the meshes have the revisions. Ends early where one cannot have it.
 *
 * @param revisions by mesh; undefined stands for the newest.
 */
export async function waitForProxies(
  client: Pick<Client, 'get'>,
  revisions: ReadonlyMap<string, number | undefined>,
  timeoutMs: number,
  world: World,
): Promise<Waited> {
  const { clock } = world;
  const until = clock() + timeoutMs;
  const progress = createProgress('proxies that have it', 0, world);
  const latest = new Map<string, Propagation>();
  const show = (found: Propagation) => {
    latest.set(found.mesh, found);
    const sum = (of: 'have' | 'connected') =>
      [...latest.values()].reduce((total, { proxies }) => total + proxies[of], 0);
    progress.advance(sum('have'), sum('connected'));
    return found;
  };
  const ask = async (mesh: string, revision: number | undefined, seconds: number) => {
    const query = {
      ...(revision !== undefined && { revision: String(revision) }),
      ...(seconds > 0 && { wait: seconds.toFixed(3) }),
    };
    return show(readPropagation(await client.get(propagationPath(mesh, query))));
  };

  /** The others are on their way: a moment later it is known whether they failed, too. */
  const lookAtOthers = async (failed: Propagation) => {
    const end = Math.min(until, clock() + othersMs);
    let found = failed;
    while (found.proxies.waiting > 0 && clock() < end) {
      await world.sleep(lookMs);
      found = await ask(found.mesh, found.revision, 0);
    }
    return found;
  };

  const waitFor = async (mesh: string, revision: number | undefined) => {
    let found = await ask(mesh, revision, 0);
    while (!found.complete && found.proxies.failed === 0 && clock() < until) {
      const seconds = Math.min(requestSeconds, (until - clock()) / 1000);
      found = await ask(mesh, found.revision, seconds);
    }
    return found.proxies.failed > 0 ? lookAtOthers(found) : found;
  };

  try {
    const propagation = await Promise.all([...revisions].map(([mesh, revision]) => waitFor(mesh, revision)));
    const missing = propagation.filter(({ complete }) => !complete);
    const message = missing.map((found) => missingLines(found, clock())).join('\n');
    return {
      propagation,
      error: missing.length === 0 ? undefined : new KumulusError('unavailable', message),
    };
  } finally {
    progress.end();
  }
}

/** `5 of 5 connected proxies have it, 2 are offline`. */
export function waitedLine(propagation: readonly Propagation[]): string {
  const sum = (of: keyof Propagation['proxies']) =>
    propagation.reduce((total, { proxies }) => total + Number(proxies[of]), 0);
  const offline = sum('offline');
  const others = offline === 0 ? '' : `, ${offline} ${offline === 1 ? 'is' : 'are'} offline`;
  return `${sum('have')} of ${sum('connected')} connected proxies have it${others}`;
}
