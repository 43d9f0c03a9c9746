import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import { ConditionFailedError, type ItemStore, type Operation } from '../port.ts';
import type { Contender } from '../resources/contention.ts';
import { dataPartition, resourceItemKey } from '../resources/keys.ts';
import type { InsightFolder } from './folder.ts';
import { departureOperations } from './gone.ts';
import { type GroupPlan, type InsightUpdate, planGroup } from './group.ts';
import { applyOwn, type HeldInsights, isFoldDue, isRingFull } from './held.ts';
import { journalItem, putJournalItem } from './journal.ts';
import type { InsightReader } from './reader.ts';

export interface InsightWriterDeps {
  readonly items: ItemStore;
  readonly reader: InsightReader;
  readonly folder: InsightFolder;
  readonly contender: Contender;
  readonly clock: Clock;
  /** Whether only what is changed is read of meshes that are not held. */
  readonly isSparse: boolean;
}

/** Writes updates of insights, those of one mesh that wait at the same time together. */
export interface InsightWriter {
  /** Resolves when the update is durable, or where there is nothing to write or no such mesh. */
  write(tenant: TenantId, mesh: string, update: InsightUpdate): Promise<void>;
}

interface Work extends InsightUpdate {
  resolve(): void;
  reject(error: unknown): void;
}

/** How many updates are written together. */
const maxUpdates = 256;

/** Creates the writing half of the insights. */
export function createInsightWriter(deps: InsightWriterDeps): InsightWriter {
  const { items, reader, folder, contender, clock, isSparse } = deps;
  /** What waits, by tenant and mesh; there is a key while its writes are under way. */
  const queues = new Map<string, Work[]>();

  /**
   * In the first round of the ring each place is empty, and stays so when the mesh is deleted; so the mesh must be
   * there. Later ones overwrite, and there is nothing to overwrite once a deletion has removed it.
   */
  function meshCheck({ mesh, generation, places }: HeldInsights, revision: number): readonly Operation[] {
    const key = resourceItemKey(dataPartition(mesh, generation), { type: 'Mesh', name: mesh });
    return mesh === '' || revision > places ? [] : [{ kind: 'check', key, condition: { present: true } }];
  }

  /** @throws ConditionFailedError where the entry `revision` is not the next one any more. */
  async function commit(
    held: HeldInsights,
    revision: number,
    time: string,
    { changes, records, gone }: GroupPlan,
  ): Promise<void> {
    if (isRingFull(held)) {
      const whole = held.isPartial ? await reader.refresh(held.tenant, held.mesh) : held;
      if (whole !== undefined) {
        await folder.fold(whole);
      }
      if (whole !== held || isRingFull(held)) {
        throw new ConditionFailedError([0]);
      }
    }
    const item = journalItem(held, revision, time, changes);
    await items.transact(held.tenant, [
      putJournalItem(held, item),
      ...meshCheck(held, revision),
      ...departureOperations({ ...held, revision }, gone),
    ]);
    // A reader of this process may have found it already.
    if (held.revision < revision) {
      applyOwn(held, revision, item.value.length, records);
    }
    if (isFoldDue(held) && !held.isPartial) {
      void folder.fold(held);
    }
  }

  function read(tenant: TenantId, mesh: string, works: readonly Work[], isFresh: boolean) {
    if (isSparse && !reader.isHeld(tenant, mesh)) {
      const names = works.map(({ name }) => name);
      return reader.some(tenant, mesh, names);
    }
    return isFresh ? reader.refresh(tenant, mesh) : reader.recent(tenant, mesh);
  }

  /** Writes the first of the waiting updates, as many as fit. Gives back what became of them; none where there is no mesh. */
  async function attempt(
    tenant: TenantId,
    mesh: string,
    works: readonly Work[],
    isFresh: boolean,
  ): Promise<GroupPlan | undefined> {
    const held = await read(tenant, mesh, works, isFresh);
    if (held === undefined) {
      return undefined;
    }
    const revision = held.revision + 1;
    const time = new Date(clock()).toISOString();
    const plan = await planGroup(mesh, held.records, works, time, nextTurn);
    // What others have written since cannot be seen by who writes nothing; a write would fail on it.
    const isCertain = isFresh || held.isPartial === true;
    if (!isCertain && plan.outcomes.some(({ kind }) => kind === 'unchanged')) {
      return attempt(tenant, mesh, works, true);
    }
    if (plan.changes.length > 0) {
      await commit(held, revision, time, plan);
    }
    return plan;
  }

  /** Runs the updates that wait until there are none. */
  async function run(tenant: TenantId, mesh: string, key: string, queue: Work[]): Promise<void> {
    while (queue.length > 0) {
      const works = queue.splice(0, maxUpdates);
      let isFresh = false;
      try {
        const plan = await contender(async () => {
          const fresh = isFresh;
          isFresh = true;
          return attempt(tenant, mesh, works, fresh);
        });
        const outcomes = plan?.outcomes ?? works.map(() => ({ kind: 'unchanged' }) as const);
        queue.unshift(...works.slice(outcomes.length));
        for (const [position, outcome] of outcomes.entries()) {
          if (outcome.kind === 'refused') {
            works[position]?.reject(outcome.error);
          } else {
            works[position]?.resolve();
          }
        }
      } catch (error) {
        for (const work of works) {
          work.reject(error);
        }
      }
    }
    queues.delete(key);
  }

  return {
    write: (tenant, mesh, update) =>
      new Promise((resolve, reject) => {
        const key = `${tenant}/${mesh}`;
        const work: Work = { ...update, resolve, reject };
        const queue = queues.get(key);
        if (queue !== undefined) {
          queue.push(work);
          return;
        }
        const started = [work];
        queues.set(key, started);
        // Later in the same turn, so that what callers write together is one group.
        setImmediate(() => void run(tenant, mesh, key, started));
      }),
  };
}
