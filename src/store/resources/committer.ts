import { type Author, systemAuthor } from '../../model/author.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { keyText, type ResourceKey } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { AuditDraft } from '../audit/audit-record.ts';
import { type ItemStore, maxOperations, maxValueBytes } from '../port.ts';
import { type Change, type CommitResult, maxCommitChanges } from '../resource-store.ts';
import { maxTrailOperations, type Recorded, type Trail } from '../trail.ts';
import { readBefore } from './before.ts';
import { changeRecord } from './change-records.ts';
import { type EncodedChange, keyOfChange } from './commit-draft.ts';
import { operationsPerScope } from './commit-operations.ts';
import { type CommitPlan, planCommits } from './commit-plan.ts';
import { createCommitQueue, type QueuedWork } from './commit-queue.ts';
import type { Contender } from './contention.ts';
import type { GenerationCache } from './head.ts';
import { isStorableKey, scopesOf } from './keys.ts';
import { growth } from './quota-check.ts';
import type { QuotaGuard } from './quota-guard.ts';
import type { ResourceTexts } from './resource-text.ts';

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
  commit(tenant: TenantId, changes: readonly Change[], author?: Author): Promise<CommitResult>;
  /** Runs something that moves the heads of `scopes` by itself, when no commit of this process does. */
  alone<Result>(tenant: TenantId, scopes: readonly string[], run: () => Promise<Result>): Promise<Result>;
}

interface Work extends QueuedWork {
  readonly tenant: TenantId;
  readonly changes: readonly EncodedChange[];
  readonly author: Author;
  /** Instead of changes, for work that runs alone. */
  readonly run: (() => Promise<void>) | undefined;
  resolve(result: CommitResult): void;
  reject(error: unknown): void;
}

/** All that one commit writes goes into one entry of the log; the rest of the item is its frame. */
const maxCommitBytes = maxValueBytes - 1024;
/** What the key of a deleted resource takes in the log, at most. */
const deleteBytes = 1024;

/** Creates the writer of resources. */
export function createCommitter(deps: CommitterDeps): Committer {
  const { items, texts, generations, contender, clock, logSeconds, trail, isSecret, quotas } = deps;
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
    const plan = await contender(async () => {
      const [before, viewQuotas] = await Promise.all([
        readBefore(items, generations, tenant, scopes, keys),
        quotas?.prepare(tenant),
      ]);
      const planned = planCommits(tenant, before, commits, clock(), logSeconds, viewQuotas?.(scopes));
      if (planned.operations.length === 0) {
        return { ...planned, recorded: undefined };
      }
      const release = quotas?.reserve(tenant, growth(before.heads, planned.scopes));
      try {
        return await write(tenant, group, planned);
      } finally {
        release?.();
      }
    });
    void settle(tenant, group, plan);
  }

  async function write(tenant: TenantId, group: readonly Work[], planned: CommitPlan) {
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
    async commit(tenant, changes, author = systemAuthor) {
      if (changes.length < 1) {
        throw new KumulusError('internal', 'a commit must have a change');
      }
      if (changes.length > maxCommitChanges) {
        throw new KumulusError(
          'payload_too_large',
          `one commit takes at most ${maxCommitChanges} changes to a mesh, got ${changes.length}`,
        );
      }
      for (const change of changes) {
        checkNames(change.kind === 'put' ? change.draft : change.key);
      }
      const encoded = await Promise.all(
        changes.map(async (change): Promise<EncodedChange> => {
          const expect = change.expect === undefined ? {} : { expect: change.expect };
          return change.kind === 'put'
            ? { kind: 'put', encoded: await texts.encodeDraft(tenant, change.draft), ...expect }
            : change;
        }),
      );
      const bytes = encoded.reduce(
        (sum, change) => sum + (change.kind === 'put' ? change.encoded.bytes : deleteBytes),
        0,
      );
      if (bytes > maxCommitBytes) {
        throw new KumulusError(
          'payload_too_large',
          `what is written at once must be <= ${maxCommitBytes} bytes, got ${bytes}`,
        );
      }
      const scopes = encoded.flatMap((change) => scopesOf(keyOfChange(change)));
      return new Promise((resolve, reject) => {
        queue.push({
          tenant,
          scopes: queueScopes(tenant, scopes),
          changes: encoded,
          author,
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

/** Before a commit joins others, which its names must not spoil. */
function checkNames(key: ResourceKey): void {
  if (!isStorableKey(key)) {
    throw new KumulusError(
      'bad_request',
      `a resource cannot be stored under the name of this ${key.type.slice(0, 80)}`,
    );
  }
}

/** What work of several tenants is told apart by. */
function queueScopes(tenant: TenantId, scopes: readonly string[]): ReadonlySet<string> {
  return new Set(scopes.map((scope) => `${tenant}/${scope}`));
}
