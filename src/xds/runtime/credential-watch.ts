import type { ContextChanges } from '../../context/mesh-context.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock, Logger } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { MeshMember, MeshRuntime } from './mesh-runtime.ts';
import type { WhyNotServed } from './served-authentication.ts';

/** What a stream was let in with. */
export interface WatchedCredential {
  /** Milliseconds since 1970 at which it stops to count; infinite where it does not. */
  readonly expires: number;
  /** Why it counts no longer (expired, revoked, its key gone); undefined while it does. */
  check(): Promise<KumulusError | undefined>;
}

/** Ends streams whose credentials count no longer: within a second of their end, or of the news of a revocation. */
export interface CredentialWatch {
  /**
   * Watches until the function that it returns is called. Calls `end` at most once.
   *
   * @param mesh whose secrets say what counts; GlobalSecrets of the tenant do, too.
   */
  watch(
    tenant: TenantId,
    mesh: string,
    credential: WatchedCredential,
    end: (reason: KumulusError) => void,
  ): () => void;
  stop(): void;
}

export interface CredentialWatchDeps {
  readonly meshes: {
    get(tenant: TenantId, mesh: string): Promise<Pick<MeshRuntime, 'join' | 'leave'>>;
  };
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Why a tenant is not served any more, such as that it was suspended; undefined while it is. Asked every time that
   * the clock is looked at, so it answers from memory mostly.
   */
  readonly whyNotServed?: WhyNotServed;
  /** How often the clock is looked at, in milliseconds; 1,000 unless told. */
  readonly everyMs?: number;
}

interface Watched {
  readonly credential: WatchedCredential;
  readonly end: (reason: KumulusError) => void;
}

/** The streams of one mesh, which depend on the same secrets. */
interface Group {
  readonly tenant: TenantId;
  readonly streams: Set<Watched>;
  /** Those that have to be checked: something that they may depend on has changed. */
  readonly due: Set<Watched>;
  /** When the first of their credentials expires, in milliseconds since 1970. */
  firstExpiry: number;
  /** Whose secrets nobody listens for yet: the mesh's, and under the empty name the tenant's. */
  readonly unfollowed: Set<string>;
  /** Fires when the last stream has gone. */
  readonly left: AbortController;
}

/** Streams that are checked before timers and sockets get their turn. */
const checksAtOnce = 64;

export function createCredentialWatch(deps: CredentialWatchDeps): CredentialWatch {
  const { meshes, clock, logger } = deps;
  const groups = new Map<string, Group>();

  const refuse = (group: Group, watched: Watched, reason: KumulusError) => {
    group.due.delete(watched);
    if (group.streams.delete(watched)) {
      watched.end(reason);
    }
  };

  /** What cannot be checked now stays due, and is checked again when the clock is looked at the next time. */
  const check = async (group: Group, watched: Watched) => {
    group.due.delete(watched);
    try {
      const reason = await watched.credential.check();
      if (reason !== undefined) {
        refuse(group, watched, reason);
      }
    } catch (error) {
      if (group.streams.has(watched)) {
        group.due.add(watched);
      }
      logger.warn('a token could not be checked again', { tenant: group.tenant, error });
    }
  };

  const checkDue = async (group: Group) => {
    let count = 0;
    for (const watched of [...group.due]) {
      if (group.due.has(watched)) {
        await check(group, watched);
        count += 1;
        if (count % checksAtOnce === 0) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
  };

  const dependsOn = ({ types }: ContextChanges) => types.has('Secret') || types.has('GlobalSecret');

  const memberOf = (group: Group): MeshMember => ({
    isTouchedBy: dependsOn,
    update(_, changes) {
      if (changes === undefined || dependsOn(changes)) {
        for (const watched of group.streams) {
          group.due.add(watched);
        }
        void checkDue(group);
      }
    },
  });

  /** Follows the secrets of the mesh and of its tenant. What cannot be followed now is tried again later. */
  const follow = async (group: Group) => {
    const member = memberOf(group);
    for (const scope of [...group.unfollowed]) {
      group.unfollowed.delete(scope);
      try {
        const runtime = await meshes.get(group.tenant, scope);
        if (!group.left.signal.aborted) {
          runtime.join(member);
          group.left.signal.addEventListener('abort', () => runtime.leave(member), { once: true });
        }
      } catch (error) {
        group.unfollowed.add(scope);
        logger.warn('secrets cannot be followed', { tenant: group.tenant, scope, error });
      }
    }
    // What came before somebody listened is found by asking once.
    for (const watched of group.streams) {
      group.due.add(watched);
    }
    await checkDue(group);
  };

  const endExpired = (group: Group, now: number) => {
    if (now < group.firstExpiry) {
      return;
    }
    group.firstExpiry = Number.POSITIVE_INFINITY;
    for (const watched of [...group.streams]) {
      const { expires } = watched.credential;
      if (now >= expires) {
        refuse(group, watched, new KumulusError('unauthenticated', 'the token has expired'));
      } else {
        group.firstExpiry = Math.min(group.firstExpiry, expires);
      }
    }
  };

  const lookAtClock = async (group: Group) => {
    endExpired(group, clock());
    const reason = await deps.whyNotServed?.(group.tenant).catch((error: unknown) => {
      logger.warn('a tenant could not be looked up', { tenant: group.tenant, error });
      return undefined;
    });
    if (reason !== undefined) {
      for (const watched of [...group.streams]) {
        refuse(group, watched, reason);
      }
    }
    await (group.unfollowed.size > 0 ? follow(group) : checkDue(group));
  };

  const timer = setInterval(() => {
    for (const group of groups.values()) {
      void lookAtClock(group);
    }
  }, deps.everyMs ?? 1_000);
  timer.unref();

  return {
    watch(tenant, mesh, credential, end) {
      const key = `${tenant}/${mesh}`;
      const known = groups.get(key);
      const group: Group = known ?? {
        tenant,
        streams: new Set(),
        due: new Set(),
        firstExpiry: Number.POSITIVE_INFINITY,
        unfollowed: new Set([mesh, '']),
        left: new AbortController(),
      };
      const watched: Watched = { credential, end };
      group.streams.add(watched);
      group.due.add(watched);
      group.firstExpiry = Math.min(group.firstExpiry, credential.expires);
      if (known === undefined) {
        groups.set(key, group);
        void follow(group);
      } else {
        // Itself alone: who looked at all of them would look more often the more there are.
        void check(group, watched);
      }
      return () => {
        group.streams.delete(watched);
        group.due.delete(watched);
        if (group.streams.size === 0 && groups.get(key) === group) {
          groups.delete(key);
          group.left.abort();
        }
      };
    },
    stop() {
      clearInterval(timer);
      for (const group of groups.values()) {
        group.left.abort();
      }
      groups.clear();
    },
  };
}
