import type { Readable } from '../../auth/request-access.ts';
import type { BehindProxy, BehindReason, MeshPropagation, RelayProgress } from '../../store/propagation.ts';

/** A proxy that is waited for, as `_propagation` names it. */
export interface WaitedFor {
  readonly name: string;
  /** The newest revision of which it has everything, and the newest that was made for it. */
  readonly has: number;
  readonly given: number;
  /** RFC 3339, in UTC: since when it has not had everything. */
  readonly since: string;
  readonly reason: BehindReason;
  /** What it refused, and why in Envoy's words, shortened. */
  readonly typeUrl?: string;
  readonly message?: string;
}

/** How far a revision of a mesh has got: the answer to `GET /meshes/{mesh}/_propagation`. */
export interface PropagationAnswer {
  readonly mesh: string;
  readonly revision: number;
  /** The mesh's newest revision. */
  readonly head: number;
  /** Every connected proxy has it. */
  readonly complete: boolean;
  readonly proxies: {
    readonly connected: number;
    readonly have: number;
    /** Not told yet, or have not answered. */
    readonly waiting: number;
    /** Their Envoy refused it, or they could not be configured: waiting alone does not help. */
    readonly failed: number;
    /** Dataplanes without a stream. They are not waited for: what is newest is the first that they are given. */
    readonly offline: number;
  };
  /** Those that failed first, then those that have waited for longest. */
  readonly waitingFor: readonly WaitedFor[];
  /** How many more there are that are not named. */
  readonly unnamed: number;
}

/** How many proxies an answer names. */
export const maxWaitedFor = 100;

/**
 * How far a revision has got.
 *
 * @param found of living relays alone: the proxies of others are offline, or at another relay by now.
 * @param readable whom the caller may read of; others are counted and not named.
 */
export function propagationAnswer(
  mesh: string,
  revision: number,
  { revision: head, dataplanes, relays }: MeshPropagation,
  readable: Readable,
): PropagationAnswer {
  const living = [...relays.values()];
  let connected = 0;
  let without = 0;
  let failed = 0;
  for (const progress of living) {
    connected += progress.proxies;
    const counts = countsOf(progress, revision);
    without += counts.without;
    failed += counts.failed;
  }
  const named = living
    .flatMap((progress) => namedIn(progress, revision))
    .filter(({ name }) => readable === 'all' || readable.has(name))
    .sort((a, b) => Number(hasFailed(b)) - Number(hasFailed(a)) || a.since - b.since)
    .slice(0, maxWaitedFor);
  return {
    mesh,
    revision,
    head,
    complete: without === 0,
    proxies: {
      connected,
      have: connected - without,
      waiting: without - failed,
      failed,
      offline: Math.max(0, dataplanes - connected),
    },
    waitingFor: named.map(shown),
    unnamed: without - named.length,
  };
}

/** Of one relay's proxies, how many do not have the revision, and how many of these will not by waiting. */
function countsOf({ told, proxies, behind }: RelayProgress, revision: number) {
  if (told < revision) {
    return { without: proxies, failed: 0 };
  }
  let without = 0;
  let failed = 0;
  for (const count of behind) {
    if (count.has < revision) {
      without += count.proxies;
      failed += count.failed;
    }
  }
  return { without, failed };
}

/** What a proxy refused before counts for nothing where its relay has not told it of the revision, which may mend it. */
function namedIn({ told, named }: RelayProgress, revision: number): readonly BehindProxy[] {
  const without = named.filter(({ has }) => has < revision);
  return told >= revision
    ? without
    : without.map(({ name, has, given, since }) => ({ name, has, given, since, reason: 'not_given' }));
}

function hasFailed({ reason }: BehindProxy): boolean {
  return reason === 'refused' || reason === 'not_configured';
}

function shown({ since, ...rest }: BehindProxy): WaitedFor {
  return { ...rest, since: new Date(since).toISOString() };
}
