import type { TypeUrl } from '../../compile/snapshot.ts';
import type { BehindCount, BehindProxy, BehindReason } from '../../store/propagation.ts';

/** How many of those behind are named. */
const maxNamed = 100;
/** How many of these with Envoy's words, and how much of them: an item stays small, the insights have them in full. */
const maxWorded = 16;
const maxWords = 500;
/** How many revisions are told apart. */
const maxCounts = 16;

/** Kept of a proxy only while it is behind: most of them hardly ever are. */
export interface Behind {
  has: number;
  readonly since: number;
  failed: boolean;
  readonly refused: Map<TypeUrl, string>;
}

/** A proxy, as far as it is told of. */
export interface FollowedProxy {
  readonly name: string;
  /** The revision of its newest snapshot. */
  readonly given: number;
  /** The newest revision of which it has answered everything. */
  readonly lastAnswered: number;
}

/** Why a proxy has not got everything. */
export function reasonOf({ given, lastAnswered }: FollowedProxy, { failed, refused }: Behind): BehindReason {
  if (failed) {
    return 'not_configured';
  }
  return refused.size > 0 && lastAnswered >= given ? 'refused' : 'not_acknowledged';
}

/** Whether waiting helps nothing. */
export const isFailure = (reason: BehindReason) => reason === 'refused' || reason === 'not_configured';

/** How many are how far. Where there are too many revisions to be told apart, the newer ones count as the oldest of them. */
export function countsOf(behind: ReadonlyMap<FollowedProxy, Behind>): readonly BehindCount[] {
  const counts = new Map<number, { proxies: number; failed: number }>();
  for (const [proxy, state] of behind) {
    const count = counts.get(state.has) ?? { proxies: 0, failed: 0 };
    count.proxies += 1;
    count.failed += isFailure(reasonOf(proxy, state)) ? 1 : 0;
    counts.set(state.has, count);
  }
  const merged: { has: number; proxies: number; failed: number }[] = [];
  for (const [has, { proxies, failed }] of [...counts].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && merged.length === maxCounts) {
      last.proxies += proxies;
      last.failed += failed;
    } else {
      merged.push({ has, proxies, failed });
    }
  }
  return merged;
}

/** Those that failed first, then those that are behind for longest. */
export function namesOf(behind: ReadonlyMap<FollowedProxy, Behind>): readonly BehindProxy[] {
  const failed: BehindProxy[] = [];
  const others: BehindProxy[] = [];
  for (const [proxy, state] of behind) {
    const { name, given } = proxy;
    const { has, since } = state;
    const reason = reasonOf(proxy, state);
    const list = isFailure(reason) ? failed : others;
    if (failed.length >= maxNamed) {
      break;
    }
    if (list.length < maxNamed) {
      const [refusal] = state.refused;
      const isWorded = list === failed && failed.length < maxWorded;
      list.push({
        ...{ name, has, given, since, reason },
        ...(refusal !== undefined && {
          typeUrl: refusal[0],
          ...(isWorded && { message: refusal[1].slice(0, maxWords) }),
        }),
      });
    }
  }
  return [...failed, ...others].slice(0, maxNamed);
}
