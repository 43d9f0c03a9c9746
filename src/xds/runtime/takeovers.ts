import { KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';

export interface TakeoversOptions {
  /** How often a name may be taken over at once. */
  readonly burst: number;
  /** Milliseconds after which it may be taken over once more. */
  readonly everyMs: number;
  readonly clock: Clock;
}

/**
 * Calms those who take one another's place. The newest stream of a proxy wins, for the older one is mostly its own, of a
 * connection that broke unnoticed. Where two proxies were started under one name, each would end the other's stream as
 * quickly as it can connect, and every time the Dataplane of one would replace that of the other for the whole mesh. So
 * a name can be taken over a few times at once, and then now and then; in between whoever has it keeps it.
 */
export interface Takeovers {
  /**
   * Notes that the name is being taken over from a stream that is open.
   *
   * @throws KumulusError `unavailable` where it was taken over too often lately; it is not noted then.
   */
  take(key: string): void;
  /** Notes that the name was taken over at another relay. */
  lost(key: string): void;
  /** @throws KumulusError `unavailable` where the name was taken over too often lately. */
  check(key: string): void;
}

export function createTakeovers({ burst, everyMs, clock }: TakeoversOptions): Takeovers {
  /** For each name the time at which all of its takeovers are given back; in the order of the last one. */
  const restored = new Map<string, number>();

  const forget = (now: number) => {
    for (const [key, at] of restored) {
      if (at > now) {
        return;
      }
      restored.delete(key);
    }
  };

  /** The time at which one more would be given back. Nothing lasts longer than a burst, also where the clock went back. */
  const after = (key: string, now: number) => {
    const at = restored.get(key) ?? now;
    const latest = now + burst * everyMs;
    if (at > latest) {
      restored.set(key, latest);
    }
    return Math.min(latest, Math.max(now, at)) + everyMs;
  };

  const check = (key: string) => {
    const now = clock();
    const waitMs = after(key, now) - now - burst * everyMs;
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      throw new KumulusError(
        'unavailable',
        `proxies of one name take over from each other too often; come back in ${retryAfterSeconds} s`,
        { retryAfterSeconds },
      );
    }
  };

  const note = (key: string) => {
    const now = clock();
    const at = Math.min(after(key, now), now + burst * everyMs);
    restored.delete(key);
    restored.set(key, at);
    forget(now);
  };

  return {
    take(key) {
      check(key);
      note(key);
    },
    lost: note,
    check,
  };
}
