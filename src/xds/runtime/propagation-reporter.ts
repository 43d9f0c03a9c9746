import type { Clock, Logger } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import { joinedSlackMs, type Propagation, propagationLifeMs } from '../../store/propagation.ts';
import { createMeshProgress, type MeshProgress, type ProxyProgress } from './mesh-progress.ts';
import { createWritePace, type WritePace } from './write-pace.ts';

/** Writes how far the proxies of this relay have got, one item a mesh, when something moved and never on a timer alone. */
export interface PropagationReporter {
  /**
   * A proxy is connected.
   *
   * @param told the revision that the members of its mesh were told of.
   */
  join(tenant: TenantId, mesh: string, name: string, told: number): ProxyProgress;
  /** The members of a mesh were told of a revision. */
  told(tenant: TenantId, mesh: string, revision: number): void;
  /** Writes what is not yet written; resolves when that was tried. */
  flush(): Promise<void>;
  /** Writes the last of it; begins nothing afterwards. */
  stop(): Promise<void>;
}

export interface PropagationReporterDeps {
  readonly propagation: Pick<Propagation, 'write' | 'remove'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The relay's instance id. */
  readonly relay: string;
  /** Milliseconds within which it is written that proxies are on their way; 1,000 unless told. That all have got there is written at once. */
  readonly soonMs?: number;
  /** The longest rest between two writes of a mesh that keeps moving; 1,000 unless told. See `WritePaceOptions.restMs`. */
  readonly restMs?: number;
}

/** What was not written for so long is written again, before the table forgets it. */
const refreshMs = propagationLifeMs / 3;
const refreshCheckMs = 3_600_000;

interface Tracked {
  readonly progress: MeshProgress;
  readonly pace: WritePace;
  /** What the table has; undefined where that is nothing, or not known. */
  text: string | undefined;
  /** Milliseconds since 1970. */
  writtenAt: number;
  /** See {@link RelayProgress.joined}; what the table has may be older where all else is as before. */
  joined: number;
  toldJoined: number;
}

/** Creates the reporter of a relay. */
export function createPropagationReporter(deps: PropagationReporterDeps): PropagationReporter {
  const { propagation, clock, logger, relay, soonMs = 1_000, restMs = 1_000 } = deps;
  const meshes = new Map<string, Tracked>();

  async function write(tenant: TenantId, mesh: string, tracked: Tracked): Promise<void> {
    const key = `${tenant}/${mesh}`;
    const { progress } = tracked;
    if (progress.proxies === 0) {
      await propagation.remove(tenant, mesh, relay);
      tracked.text = undefined;
      // One may have come while it was removed.
      if (progress.proxies === 0 && meshes.get(key) === tracked) {
        meshes.delete(key);
        // What it still wanted to write must not take away what its successor writes.
        tracked.pace.stop();
      }
      return;
    }
    const summary = progress.summary();
    const text = JSON.stringify(summary);
    const { joined } = tracked;
    if (text !== tracked.text || joined - tracked.toldJoined > joinedSlackMs) {
      tracked.text = undefined;
      await propagation.write(tenant, mesh, relay, { ...summary, joined });
      tracked.text = text;
      tracked.toldJoined = joined;
      tracked.writtenAt = clock();
    }
  }

  function track(tenant: TenantId, mesh: string, told: number): Tracked {
    const key = `${tenant}/${mesh}`;
    const known = meshes.get(key);
    if (known !== undefined) {
      return known;
    }
    const pace = createWritePace(() => write(tenant, mesh, tracked), {
      restMs,
      onError: (error) => logger.warn('how far a mesh has got could not be written', { tenant, mesh, error }),
    });
    const onNews = (news: 'now' | 'soon') => pace.within(news === 'now' ? 0 : soonMs);
    const progress = createMeshProgress({ told, clock, onNews });
    const now = clock();
    const times = { writtenAt: now, joined: now, toldJoined: now };
    const tracked: Tracked = { progress, pace, text: undefined, ...times };
    meshes.set(key, tracked);
    return tracked;
  }

  const refresh = setInterval(() => {
    for (const tracked of meshes.values()) {
      if (clock() - tracked.writtenAt >= refreshMs) {
        tracked.text = undefined;
        tracked.pace.within(0);
      }
    }
  }, refreshCheckMs);
  refresh.unref();

  const flush = async () => {
    await Promise.all([...meshes.values()].map(({ pace }) => pace.flush()));
  };

  return {
    join(tenant, mesh, name, told) {
      const tracked = track(tenant, mesh, told);
      tracked.joined = clock();
      return tracked.progress.join(name);
    },
    told: (tenant, mesh, revision) => meshes.get(`${tenant}/${mesh}`)?.progress.told(revision),
    flush,
    async stop() {
      clearInterval(refresh);
      await flush();
      for (const { pace } of meshes.values()) {
        pace.stop();
      }
    },
  };
}
