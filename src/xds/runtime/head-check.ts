import type { Logger } from '../../model/ports.ts';
import type { ResourceStore, Scope } from '../../store/resource-store.ts';

/** A history that is held, and what is to be done when it has moved. */
export interface HeldScope extends Scope {
  /** Its head is at this revision, or was a second ago. */
  headSeen(revision: number): void;
}

export interface HeadCheckDeps {
  readonly resources: Pick<ResourceStore, 'revisions'>;
  readonly held: () => readonly HeldScope[];
  /** Whether the feed is looked at in case something was not told: then heads are the third way; `false` unless told. */
  readonly isTold?: () => boolean;
  readonly logger: Logger;
}

export interface HeadCheck {
  stop(): void;
}

/** The pause between two checks, in milliseconds: so much for each history that is held, within bounds. */
const msPerScope = 3_000;
const shortestMs = 5_000;
const longestMs = 60_000;
/** Histories that are asked for at once: one request of DynamoDB's. */
const atOnce = 100;

/** By how much the pauses are longer for who is told of commits beside the feed. */
const toldFactor = 2;

/** How long to wait for the next check of so many histories, in milliseconds. */
export function headCheckPauseMs(histories: number, isTold = false): number {
  const pauseMs = Math.min(longestMs, Math.max(shortestMs, histories * msPerScope));
  return isTold ? toldFactor * pauseMs : pauseMs;
}

/**
 * Looks at the heads of all that is held now and then, in case a hint was lost: a process may die between its commit and
 * its hint. It is at most a head in three seconds up to 20 histories.
 */
export function createHeadCheck({ resources, held, isTold, logger }: HeadCheckDeps): HeadCheck {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const check = async () => {
    const scopes = held();
    for (let start = 0; start < scopes.length && !stopped; start += atOnce) {
      const some = scopes.slice(start, start + atOnce);
      const revisions = await resources.revisions(some);
      for (const [position, scope] of some.entries()) {
        scope.headSeen(revisions[position] ?? 0);
      }
    }
  };

  const plan = () => {
    timer = setTimeout(
      async () => {
        await check().catch((error: unknown) =>
          logger.warn('the heads of meshes could not be checked', { error }),
        );
        if (!stopped) {
          plan();
        }
      },
      headCheckPauseMs(held().length, isTold?.()),
    );
    timer.unref();
  };
  plan();

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
