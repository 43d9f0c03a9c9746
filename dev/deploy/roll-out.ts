import { isKumulusError, KumulusError } from '../../src/model/errors.ts';
import type { LiveVersions } from './live-versions.ts';

/** A function of which a new version was deployed, which nobody calls yet. */
export interface NewVersion {
  readonly functionName: string;
  readonly version: string;
}

export interface RollOutPlan {
  /** Gets calls bit by bit. */
  readonly api: NewVersion;
  /** Are moved at once, when the API has been: they read what it writes, and a run is soon followed by another. */
  readonly others: readonly NewVersion[];
  /** The new version's share of the API's calls while it is tried, in percent; 0 moves all at once. */
  readonly canaryPercent: number;
  /** How long it is tried. */
  readonly canaryMinutes: number;
}

export interface RollOutDeps {
  readonly versions: LiveVersions;
  /** What is wrong with the API since then, for people to read; undefined while nothing is. */
  readonly judge: (version: string) => Promise<string | undefined>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly say: (line: string) => void;
}

/** How often the new version is looked at while it is tried, in milliseconds: metrics of Lambda come by the minute. */
const lookMs = 15_000;

/**
 * Leads calls to new versions: a share of them first where the stage says so. A version that fails meanwhile, or that cannot be
 * watched to the end, loses its share, and whoever deploys is told; it stays there to be looked at, and nobody calls it. If this
 * process dies the share stays as it is until a step back ends it; where some functions have moved by then, the same roll-out once
 * more moves the others.
 *
 * @throws KumulusError `unavailable` where the new version failed, `conflict` where somebody else moved the calls meanwhile; what
 * kept it from being watched otherwise.
 */
export async function rollOut(deps: RollOutDeps, plan: RollOutPlan): Promise<void> {
  const { versions, say } = deps;
  const { functionName, version } = plan.api;
  const current = await versions.current(functionName);
  if (current?.version !== version && plan.canaryPercent > 0) {
    await versions.tryOut(functionName, version, plan.canaryPercent / 100);
    say(
      `version ${version} of the API gets ${plan.canaryPercent} % of the calls for ${plan.canaryMinutes} min`,
    );
    await watch(deps, plan);
  }
  const all = [plan.api, ...plan.others];
  const moves = await Promise.all(
    all.map(async (one) => (await versions.current(one.functionName))?.version !== one.version),
  );
  // Where nothing moves, a step back is one to before the last time that something did.
  if (moves.includes(true)) {
    const name = all.map((one) => `${one.functionName} ${one.version}`).join(', ');
    // All of them before the first one moves: who steps back from half a roll-out gets where it began.
    for (const one of all) await versions.remember(one.functionName, name);
  }
  for (const { functionName: name, version: wanted } of all) {
    await versions.goTo(name, wanted);
    say(`version ${wanted} of ${name} is live`);
  }
}

/**
 * Takes the calls away from the version of the API that is being tried, or goes back with all functions to before the last roll-out.
 *
 * @param functions The API first: it is what people wait for.
 * @throws KumulusError `unavailable` where some cannot go back, which does not keep the others from it.
 */
export async function rollBack(
  { versions, say }: Pick<RollOutDeps, 'versions' | 'say'>,
  functions: readonly [api: string, ...others: string[]],
): Promise<void> {
  const [api] = functions;
  const live = await versions.current(api);
  const failures: string[] = [];
  // While the API's version is tried, nothing else has moved.
  for (const functionName of live?.tried === undefined ? functions : [api]) {
    try {
      const { from, to } = await versions.stepBack(functionName);
      const was = from === to ? `stays at version ${to}` : `from version ${from} back to version ${to}`;
      say(`${functionName}: ${was}`);
    } catch (error) {
      if (!isKumulusError(error)) throw error;
      failures.push(error.message);
    }
  }
  if (failures.length > 0) {
    throw new KumulusError('unavailable', failures.join('\n'));
  }
}

async function watch(deps: RollOutDeps, plan: RollOutPlan): Promise<void> {
  const { versions, judge, sleep } = deps;
  const { functionName, version } = plan.api;
  for (let left = plan.canaryMinutes * 60_000; left > 0; left -= lookMs) {
    const failure = await unlessBlind(deps, plan, async () => {
      await sleep(Math.min(left, lookMs));
      return judge(version);
    });
    const now = await versions.current(functionName);
    if (now?.tried?.version !== version) {
      throw new KumulusError(
        'conflict',
        `somebody else moved the calls while version ${version} of the API was tried: all go to version ${now?.version}`,
      );
    }
    if (failure !== undefined) {
      const { to } = await versions.stepBack(functionName);
      throw new KumulusError(
        'unavailable',
        `version ${version} of the API fails (${failure}): all calls go to version ${to} again`,
      );
    }
  }
}

/** Nobody is left on a version that nobody watches. */
async function unlessBlind<T>(
  { versions, say }: RollOutDeps,
  { api: { functionName, version } }: RollOutPlan,
  look: () => Promise<T>,
): Promise<T> {
  try {
    return await look();
  } catch (error) {
    const { to } = await versions.stepBack(functionName);
    say(`version ${version} of the API is not watched any more: all calls go to version ${to} again`);
    throw error;
  }
}
