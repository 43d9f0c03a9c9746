import type { ProxyRow } from '../../insights/rows.ts';
import {
  type BehindCount,
  type BehindProxy,
  joinedSlackMs,
  type RelayProgress,
} from '../../store/propagation.ts';

/** The relay that a proxy is at now, by the proxy's name. */
export type Places = ReadonlyMap<string, string>;

/**
 * For how long after a proxy came to a relay another one may count it as well, in milliseconds: until the lease of one
 * that was killed runs out (15 s), or one whose connection broke unnoticed hears no answer to its pings (90 s).
 */
const bothCountMs = 120_000 + joinedSlackMs;

/**
 * Whether relays may count the same proxies: each tells how many it has and not which, so that what it tells is one small
 * item, and one that was killed tells nothing any more.
 */
export function mayCountTwice(relays: ReadonlyMap<string, RelayProgress>, now: number): boolean {
  return (
    relays.size > 1 &&
    [...relays.values()].some(({ joined }) => joined !== undefined && now - joined < bothCountMs)
  );
}

/** Where proxies are: at the living relay that holds the newest of the subscriptions that are open. */
export function placesOf(rows: Iterable<ProxyRow>): Places {
  const places = new Map<string, string>();
  for (const { resource, openAt } of rows) {
    const newest = openAt.at(-1);
    if (newest !== undefined) {
      places.set(resource.name, newest);
    }
  }
  return places;
}

/** What a relay told, without the proxies that are at another one by now. */
export function withoutMoved(relay: string, progress: RelayProgress, places: Places): RelayProgress {
  const named: BehindProxy[] = [];
  const gone: BehindProxy[] = [];
  /** Of those that are behind, the ones that have just come and of which nothing else is written yet. */
  let fresh = 0;
  for (const proxy of progress.named) {
    const place = places.get(proxy.name);
    fresh += place === undefined ? 1 : 0;
    (place === undefined || place === relay ? named : gone).push(proxy);
  }
  let here = fresh;
  for (const place of places.values()) {
    here += place === relay ? 1 : 0;
  }
  const proxies = Math.min(progress.proxies, here);
  return { ...progress, proxies, named, behind: atMost(proxies, without(progress.behind, gone)) };
}

function without(counts: readonly BehindCount[], gone: readonly BehindProxy[]): readonly BehindCount[] {
  return counts.map(({ has, proxies, failed }) => {
    const those = gone.filter((proxy) => proxy.has === has);
    const bad = those.filter(({ reason }) => reason === 'refused' || reason === 'not_configured');
    return {
      has,
      proxies: Math.max(0, proxies - those.length),
      failed: Math.max(0, failed - bad.length),
    };
  });
}

/** No more are behind than there are; those that are behind by least have caught up first. */
function atMost(proxies: number, counts: readonly BehindCount[]): readonly BehindCount[] {
  let left = proxies;
  return counts.flatMap((count) => {
    const here = Math.min(left, count.proxies);
    left -= here;
    return here === 0 ? [] : [{ ...count, proxies: here, failed: Math.min(here, count.failed) }];
  });
}
