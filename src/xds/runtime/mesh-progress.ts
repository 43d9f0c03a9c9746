import type { TypeUrl } from '../../compile/snapshot.ts';
import type { Clock } from '../../model/ports.ts';
import type { BehindCount, BehindProxy, BehindReason, RelayProgress } from '../../store/propagation.ts';

/** What a stream tells of how far its proxy has got. */
export interface ProxyProgress {
  /** Its configuration was brought up to date; the revision is that of its newest snapshot, which may be older. */
  configured(revision: number): void;
  /** Its configuration could not be made, and it keeps what it has. */
  notConfigured(): void;
  rejected(typeUrl: TypeUrl, message: string): void;
  /** It has taken everything of the snapshots up to this revision. */
  completed(revision: number): void;
  /** It has answered everything up to this revision; it refused something of these types and uses what was there before. */
  answered(revision: number, refused: readonly TypeUrl[]): void;
  /** The stream is gone. */
  closed(): void;
}

/** How urgently news is to be told: `now` where somebody may wait for it, who has all or gets no more. */
export type ProgressNews = 'now' | 'soon';

/** How far the proxies of one mesh have got that are connected here. */
export interface MeshProgress {
  /** A proxy came; it counts as behind until it has taken everything. */
  join(name: string): ProxyProgress;
  /** All members were told of the mesh at this revision: whoever is not behind has it. */
  told(revision: number): void;
  readonly proxies: number;
  summary(): RelayProgress;
}

export interface MeshProgressDeps {
  /** What members were told of before. */
  readonly told: number;
  readonly clock: Clock;
  readonly onNews: (news: ProgressNews) => void;
}

/** How many of those behind are named. */
const maxNamed = 100;
/** How many of these with Envoy's words, and how much of them: an item stays small, the insights have them in full. */
const maxWorded = 16;
const maxWords = 500;
/** How many revisions are told apart. */
const maxCounts = 16;

/** Kept of a proxy only while it is behind: most of them hardly ever are. */
interface Behind {
  has: number;
  readonly since: number;
  failed: boolean;
  readonly refused: Map<TypeUrl, string>;
}

interface Proxy {
  readonly name: string;
  /** Of its newest snapshot. */
  given: number;
  completed: number;
  answered: number;
  behind: Behind | undefined;
}

/**
 * Keeps how far the proxies of a mesh have got. Whom a change does not touch is sent nothing, and has the revision when
 * the mesh was told of it; so only those are kept that were given something and have not taken all of it.
 */
export function createMeshProgress({ told: before, clock, onNews }: MeshProgressDeps): MeshProgress {
  let told = before;
  let proxies = 0;
  /** Those that are behind for longest come first. */
  const behind = new Map<Proxy, Behind>();

  const fallBehind = (proxy: Proxy, has: number): Behind => {
    if (proxy.behind !== undefined) {
      return proxy.behind;
    }
    const since = clock();
    proxy.behind = { has, since, failed: false, refused: new Map() };
    behind.set(proxy, proxy.behind);
    return proxy.behind;
  };

  const catchUp = (proxy: Proxy) => {
    proxy.behind = undefined;
    behind.delete(proxy);
    onNews(behind.size === 0 ? 'now' : 'soon');
  };

  const join = (name: string): ProxyProgress => {
    const proxy: Proxy = { name, given: 0, completed: 0, answered: 0, behind: undefined };
    let closed = false;
    proxies += 1;
    fallBehind(proxy, 0);
    onNews('soon');
    return {
      configured(revision) {
        if (closed) {
          return;
        }
        if (revision !== proxy.given) {
          proxy.given = revision;
          fallBehind(proxy, told).failed = false;
          onNews('soon');
        } else if (proxy.behind?.failed) {
          proxy.behind.failed = false;
          if (proxy.completed >= revision && proxy.behind.refused.size === 0) {
            catchUp(proxy);
          }
        }
      },
      notConfigured() {
        if (!closed) {
          fallBehind(proxy, told).failed = true;
          onNews('now');
        }
      },
      rejected(typeUrl, message) {
        if (!closed) {
          fallBehind(proxy, Math.max(0, proxy.given - 1)).refused.set(typeUrl, message);
          onNews('soon');
        }
      },
      completed(revision) {
        proxy.completed = revision;
        const state = proxy.behind;
        if (state === undefined || closed) {
          return;
        }
        if (revision >= proxy.given && !state.failed) {
          catchUp(proxy);
        } else if (revision > state.has) {
          state.has = revision;
          onNews('soon');
        }
      },
      answered(revision, refused) {
        proxy.answered = revision;
        const state = proxy.behind;
        if (state === undefined) {
          return;
        }
        for (const typeUrl of state.refused.keys()) {
          if (!refused.includes(typeUrl)) {
            state.refused.delete(typeUrl);
          }
        }
        if (isFailure(reasonOf(proxy, state))) {
          onNews('now');
        }
      },
      closed() {
        if (!closed) {
          closed = true;
          proxies -= 1;
          proxy.behind = undefined;
          onNews(behind.delete(proxy) && behind.size === 0 ? 'now' : 'soon');
        }
      },
    };
  };

  return {
    join,
    told(revision) {
      if (revision > told) {
        told = revision;
        onNews(behind.size === 0 ? 'now' : 'soon');
      }
    },
    get proxies() {
      return proxies;
    },
    summary: () => ({ told, proxies, behind: countsOf(behind), named: namesOf(behind) }),
  };
}

function reasonOf({ given, answered }: Proxy, { failed, refused }: Behind): BehindReason {
  if (failed) {
    return 'not_configured';
  }
  return refused.size > 0 && answered >= given ? 'refused' : 'not_acknowledged';
}

const isFailure = (reason: BehindReason) => reason === 'refused' || reason === 'not_configured';

/** Where there are too many revisions to be told apart, the newer ones count as the oldest of them. */
function countsOf(behind: ReadonlyMap<Proxy, Behind>): readonly BehindCount[] {
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

function namesOf(behind: ReadonlyMap<Proxy, Behind>): readonly BehindProxy[] {
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
