import { KumulusError } from '../../src/model/errors.ts';
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
 * process dies the share stays as it is until a step back ends it.
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
  for (const one of [plan.api, ...plan.others]) {
    await versions.goTo(one.functionName, one.version);
    say(`version ${one.version} of ${one.functionName} is live`);
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
