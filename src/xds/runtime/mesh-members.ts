import type { ContextChanges } from '../../context/mesh-context.ts';
import type { Logger } from '../../model/ports.ts';
import type { Telemetry } from '../../model/telemetry.ts';
import type { TenantId } from '../../model/tenant.ts';
import { createCoalescer } from './coalesce.ts';
import type { FairFlow } from './fair-scheduler.ts';
import type { MeshMember, MeshNow } from './mesh-runtime.ts';
import { createUntold } from './untold.ts';

/** The members of a mesh, who are told in rounds what the mesh has become. */
export interface MeshMembers {
  /** @param has The state that it has already; it is told of newer ones. */
  join(member: MeshMember, has?: MeshNow): void;
  leave(member: MeshMember): void;
  readonly size: number;
  /** See `MeshRuntime.told`. */
  readonly told: number;
  /** The mesh has become `state` by these changes; undefined where anything may have changed. */
  tell(state: MeshNow, changes: ContextChanges | undefined): void;
  stop(): void;
}

export interface MeshMembersDeps {
  readonly tenant: TenantId;
  readonly mesh: string;
  /** The mesh before it was told of for the first time. */
  readonly state: MeshNow;
  /** The share of the event loop in which members are told. */
  readonly flow: FairFlow;
  /** See `MeshRuntimeDeps.onTold`. */
  readonly onTold?: (tenant: TenantId, mesh: string, revision: number) => void;
  readonly logger: Logger;
  readonly telemetry: Pick<Telemetry, 'compiled'>;
}

/**
 * How long a mesh rests after a round, as a multiple of the time that it took since the round before: little after the
 * first one, and twice as much after each that follows, until the mesh has been quiet for {@link maxRestMs}. Sending and
 * its answers cost about as much again as compiling, so a mesh that never stops takes two thirds of a processor at most.
 */
const firstRestShare = 0.25;
const restShare = 2;
/** The longest rest, in milliseconds. */
const maxRestMs = 1_000;
/**
 * What is added for each proxy that joined since the round before, in milliseconds: 20 a second and more are a fleet that
 * starts, where everybody's endpoints change with every proxy.
 */
const restPerJoinMs = 50;
/**
 * The longest rest while a fleet starts and nothing but endpoints has changed, in milliseconds: as many times what was spent since
 * the round before, within these bounds. Sending what a round says and taking the answers costs as much again and more, so that a fleet
 * of thousands that comes at once is told of itself for a quarter of a processor, and the rest is for those who are still outside.
 */
const growthRestShare = 8;
const growthRest = { leastMs: 3_000, mostMs: 10_000 };
/** A fleet of which nobody came for so many milliseconds has started. */
const startedMs = 250;

/** Makes the list of members, empty. */
export function createMeshMembers(deps: MeshMembersDeps): MeshMembers {
  const { tenant, mesh, flow, logger, telemetry } = deps;
  /** With how many of the mesh's steps each knows; not the states themselves, for they would be kept. */
  const members = new Map<MeshMember, number>();
  const untold = createUntold();
  let newest = deps.state;
  let told = newest.context.revision;
  /** How many steps there were so far. */
  let steps = 0;
  let joined = 0;
  /** What the flow had spent at the end of the last round, when that was, and what its rest was by. */
  let spentBefore = 0;
  let endedAt = Number.NEGATIVE_INFINITY;
  let share = firstRestShare;
  /** The rest by cost after the last round, in milliseconds. */
  let ownRestMs = 0;
  let joinedAt = Number.NEGATIVE_INFINITY;
  /** Something else than endpoints is to be told, which does not wait for a fleet to start. */
  let isUrgent = false;

  const onError = (error: unknown) =>
    logger.error('members of the mesh could not be told', { tenant, mesh, error });

  /** Gives back whether it concerned the member. It is told the newest, even where the mesh has moved during the round. */
  const tellOne = (member: MeshMember, changes: ContextChanges | undefined) => {
    try {
      const isTouched = changes === undefined || member.isTouchedBy(changes);
      if (isTouched) {
        member.update(newest, changes);
      }
      return isTouched;
    } catch (error) {
      // One member's trouble must not keep the news from the others.
      onError(error);
      return false;
    }
  };

  const round = async () => {
    const until = steps;
    const wasQuiet = performance.now() - endedAt >= maxRestMs;
    share = wasQuiet ? firstRestShare : Math.min(restShare, share * 2);
    const { revision } = newest.context;
    const changes = untold.take();
    isUrgent = false;
    const start = flow.spentMs;
    const left = [...members.keys()];
    let position = 0;
    let count = 0;
    const step = () => {
      const member = left[position];
      position += 1;
      if (member !== undefined && (members.get(member) ?? until) < until) {
        members.set(member, until);
        count += tellOne(member, changes) ? 1 : 0;
      }
      return position >= left.length;
    };
    await flow.run(step);
    if (count > 0) {
      telemetry.compiled(tenant, mesh, count, flow.spentMs - start);
    }
    told = revision;
    deps.onTold?.(tenant, mesh, told);
  };

  const rounds = createCoalescer(round, {
    onError,
    restMs() {
      const roundMs = flow.spentMs - spentBefore;
      ownRestMs = Math.min(maxRestMs, roundMs * share);
      const growthMs = joined * restPerJoinMs;
      spentBefore = flow.spentMs;
      endedAt = performance.now();
      joined = 0;
      const longestMs = Math.min(growthRest.mostMs, Math.max(growthRest.leastMs, roundMs * growthRestShare));
      return Math.min(longestMs, ownRestMs + growthMs);
    },
    isRested() {
      const now = performance.now();
      const restedMs = now - endedAt;
      return restedMs >= ownRestMs && (now - joinedAt >= startedMs || (isUrgent && restedMs >= maxRestMs));
    },
  });

  return {
    join(member, has) {
      // What was not told yet is in the newest state, so who has that knows of all steps.
      members.set(member, has === newest ? steps : -1);
      joined += 1;
      joinedAt = performance.now();
    },
    get told() {
      return told;
    },
    leave: (member) => void members.delete(member),
    get size() {
      return members.size;
    },
    tell(state, changes) {
      newest = state;
      steps += 1;
      untold.add(changes);
      isUrgent ||= changes === undefined || changes.types.size > 0;
      rounds.trigger();
    },
    stop: rounds.stop,
  };
}
