import type { Clock } from '../model/ports.ts';
import type { Leases } from '../store/leases.ts';
import type { RelayAlive } from './rows.ts';

/** How long a list of leases may be used, in milliseconds. A lease lives for several times as long. */
const maxAge = 1_000;
/** How many relays are remembered that no list had; beyond that all of them are looked for once more. */
const maxMissing = 1_000;

/** Which relays live. */
export interface Liveness {
  /** Reads the list of leases where there is none that may be used; to be called beside what is read to be judged. */
  prepare(): Promise<void>;
  /**
   * Gives what `work` makes of which relays live. Whoever names a relay that began after the list was read, as what was
   * just read of its proxies does, is not told that it is dead: the list is read again and the work done again. That is
   * done once for a relay, so that one that is dead costs one list.
   *
   * @param work has no effects, for it may be done twice.
   */
  judge<Result>(work: (alive: RelayAlive) => Result): Promise<Result>;
}

interface Known {
  readonly alive: RelayAlive;
  has(relay: string): boolean;
}

/** Asks the table once a second at the most however many requests want to know, and once for each relay that is new. */
export function createLiveness(leases: Pick<Leases, 'list'>, clock: Clock): Liveness {
  let asked = Number.NEGATIVE_INFINITY;
  let answer: Promise<Known> | undefined;
  /** Those that were named and in no list. */
  const missing = new Set<string>();

  const read = async (): Promise<Known> => {
    const expiries = new Map((await leases.list()).map(({ relay, expires }) => [relay, expires]));
    return { alive: (relay) => (expiries.get(relay) ?? 0) > clock(), has: (relay) => expiries.has(relay) };
  };

  const ask = (): Promise<Known> => {
    asked = clock();
    const asking = read();
    answer = asking;
    asking.catch(() => {
      if (answer === asking) {
        answer = undefined;
      }
    });
    return asking;
  };

  const current = (): Promise<Known> =>
    // A clock that went back says nothing of how old a list is.
    answer === undefined || Math.abs(clock() - asked) >= maxAge ? ask() : answer;

  /** A list that was begun after `before`, whoever began it. */
  const after = (before: Promise<Known>): Promise<Known> =>
    answer === undefined || answer === before ? ask() : answer;

  const remember = (relay: string) => {
    if (missing.size >= maxMissing) {
      missing.clear();
    }
    missing.add(relay);
  };

  return {
    async prepare() {
      await current();
    },
    async judge(work) {
      const before = current();
      const known = await before;
      const unknown = new Set<string>();
      const result = work((relay) => {
        if (!known.has(relay) && !missing.has(relay)) {
          unknown.add(relay);
        }
        return known.alive(relay);
      });
      if (unknown.size === 0) {
        return result;
      }
      const newer = await after(before);
      let isNews = false;
      for (const relay of unknown) {
        if (newer.has(relay)) {
          isNews = true;
        } else {
          remember(relay);
        }
      }
      return isNews ? work(newer.alive) : result;
    },
  };
}
