import { type Author, systemAuthor } from '../../model/author.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { keyText } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { AuditDraft } from '../audit/audit-record.ts';
import { type ItemStore, maxOperations } from '../port.ts';
import type { Change, CommitResult } from '../resource-store.ts';
import { maxTrailOperations, type Recorded, type Trail } from '../trail.ts';
import { readBefore } from './before.ts';
import { changeRecord } from './change-records.ts';
import { type Before, type EncodedChange, keyOfChange } from './commit-draft.ts';
import { operationsPerScope } from './commit-operations.ts';
import { type CommitPlan, planCommits } from './commit-plan.ts';
import { createCommitQueue, type QueuedWork } from './commit-queue.ts';
import type { Contender } from './contention.ts';
import { encodeChanges, isSeen, maxCommitBytes, mayAdd } from './encode-changes.ts';
import type { GenerationCache } from './head.ts';
import { scopesOf } from './keys.ts';
import { growth } from './quota-check.ts';
import type { QuotaGuard } from './quota-guard.ts';
import type { ResourceTexts } from './resource-text.ts';
import type { Sighting } from './sighting.ts';
import { createWrittenHeads } from './written-heads.ts';

export interface CommitterDeps {
  readonly items: ItemStore;
  readonly texts: ResourceTexts;
  readonly generations: GenerationCache;
  readonly contender: Contender;
  /** Holds commits against their tenant's quotas, where there are any. */
  readonly quotas: QuotaGuard | undefined;
  readonly clock: Clock;
  /** How long an entry of the log lives. */
  readonly logSeconds: number;
  /** Leaves records of what is written; nothing is recorded where it is absent. */
  readonly trail: Trail | undefined;
  readonly isSecret: (type: string) => boolean;
  /** Called after each transaction; what it returns is awaited before the commits resolve. Never rejects. */
  readonly committed: Committed;
}

/** Tells of a transaction that is done: the histories that it moved, and what was recorded of it. */
export type Committed = (
  tenant: TenantId,
  revisions: ReadonlyMap<string, number>,
  recorded: Recorded | undefined,
) => Promise<void>;

/** Writes commits, grouped. */
export interface Committer {
  commit(
    tenant: TenantId,
    changes: readonly Change[],
    author?: Author,
    seen?: Sighting,
  ): Promise<CommitResult>;
  /** Runs something that moves the heads of `scopes` by itself, when no commit of this process does. */
  alone<Result>(tenant: TenantId, scopes: readonly string[], run: () => Promise<Result>): Promise<Result>;
}

interface Work extends QueuedWork {
  readonly tenant: TenantId;
  readonly changes: readonly EncodedChange[];
  readonly author: Author;
  /** What is there, as its caller has read it. */
  readonly seen: Before | undefined;
  /** Instead of changes, for work that runs alone. */
  readonly run: (() => Promise<void>) | undefined;
  resolve(result: CommitResult): void;
  reject(error: unknown): void;
}

/** Creates the writer of resources. */
export function createCommitter(deps: CommitterDeps): Committer {
  const { items, texts, generations, contender, clock, logSeconds, trail, isSecret, quotas } = deps;
  const heads = createWrittenHeads();
  const queue = createCommitQueue<Work>({
    maxOperations: maxOperations - maxTrailOperations,
    operationsPerScope,
    maxBytes: maxCommitBytes,
    async run(group) {
      const [first] = group;
      try {
        await (first?.run === undefined ? runGroup(group) : first.run());
      } catch (error) {
        for (const work of group) {
          work.reject(error);
        }
      }
    },
  });

  async function runGroup(group: readonly Work[]): Promise<void> {
    const [first] = group;
    if (first === undefined) {
      return;
    }
    const { tenant } = first;
    const commits = group.map(({ changes }) => changes);
    const scopes = [...new Set(commits.flat().flatMap((change) => scopesOf(keyOfChange(change))))];
    const keys = [
      ...new Map(
        commits.flat().map((change) => [keyText(keyOfChange(change)), keyOfChange(change)]),
      ).values(),
    ];
    // Of several commits each has read at another moment.
    let seen = group.length === 1 && heads.isNewest(tenant, first.seen) ? first.seen : undefined;
    const plan = await contender(async () => {
      const [viewQuotas, read] = await Promise.all([
        quotas?.prepare(tenant, commits.flat().some(mayAdd)),
        seen ?? readBefore(items, generations, tenant, scopes, keys),
      ]);
      let before = read;
      const work = () => planCommits(tenant, before, commits, clock(), logSeconds, viewQuotas?.(scopes));
      let planned = work();
      // What is written proves by its conditions that it was seen as it is; a refusal proves nothing.
      if (seen !== undefined && planned.outcomes.some(({ kind }) => kind === 'refused')) {
        before = await readBefore(items, generations, tenant, scopes, keys);
        planned = work();
      }
      seen = undefined;
      if (planned.operations.length === 0) {
        return { ...planned, recorded: undefined };
      }
      const release = quotas?.reserve(tenant, growth(before.heads, planned.scopes));
      try {
        return await write(tenant, group, before, planned);
      } finally {
        release?.();
      }
    });
    void settle(tenant, group, plan);
  }

  async function write(tenant: TenantId, group: readonly Work[], before: Before, planned: CommitPlan) {
    const recorded = await trail?.record(tenant, recordsOf(group, planned));
    const operations = [...planned.operations, ...(recorded?.operations ?? [])];
    if (operations.length > maxOperations) {
      throw new KumulusError(
        'payload_too_large',
        `one commit must take <= ${maxOperations} operations, got ${operations.length}`,
      );
    }
    await items.transact(tenant, operations);
    quotas?.written(tenant, planned.scopes);
    heads.written(tenant, before);
    return { ...planned, recorded };
  }

  function recordsOf(group: readonly Work[], { outcomes, revisions }: CommitPlan): readonly AuditDraft[] {
    return group.flatMap(({ author }, position) => {
      const outcome = outcomes[position];
      return outcome?.kind === 'done'
        ? outcome.applied.map((change) => changeRecord(change, author, revisions, isSecret))
        : [];
    });
  }

  async function settle(
    tenant: TenantId,
    group: readonly Work[],
    plan: CommitPlan & { readonly recorded: Recorded | undefined },
  ): Promise<void> {
    if (plan.revisions.size > 0) {
      await deps.committed(tenant, plan.revisions, plan.recorded);
    }
    for (const [position, work] of group.entries()) {
      const outcome = plan.outcomes[position];
      if (outcome?.kind === 'done') {
        work.resolve(outcome.result);
      } else {
        work.reject(outcome?.error);
      }
    }
  }

  return {
    async commit(tenant, changes, author = systemAuthor, seen) {
      const { encoded, bytes } = await encodeChanges(texts, tenant, changes);
      const scopes = encoded.flatMap((change) => scopesOf(keyOfChange(change)));
      return new Promise((resolve, reject) => {
        queue.push({
          tenant,
          scopes: queueScopes(tenant, scopes),
          changes: encoded,
          author,
          seen: isSeen(changes, seen) ? seen?.before : undefined,
          run: undefined,
          operations: scopes.length,
          bytes,
          alone: false,
          resolve,
          reject,
        });
      });
    },

    alone: (tenant, scopes, run) =>
      new Promise((resolve, reject) => {
        queue.push({
          tenant,
          scopes: queueScopes(tenant, scopes),
          changes: [],
          author: systemAuthor,
          seen: undefined,
          run: async () => resolve(await run()),
          operations: 0,
          bytes: 0,
          alone: true,
          resolve() {},
          reject,
        });
      }),
  };
}

/** What work of several tenants is told apart by. */
function queueScopes(tenant: TenantId, scopes: readonly string[]): ReadonlySet<string> {
  return new Set(scopes.map((scope) => `${tenant}/${scope}`));
}
