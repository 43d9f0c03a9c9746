import type { Clock, Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Feed } from './feed.ts';
import type { ItemStore } from './port.ts';
import type { QuotasOf } from './quotas.ts';
import type { ResourceStore } from './resource-store.ts';
import { type Committed, createCommitter } from './resources/committer.ts';
import { type ContentionOptions, createContender } from './resources/contention.ts';
import { createDeletion } from './resources/deletion.ts';
import { createFold } from './resources/fold.ts';
import { createGenerationCache } from './resources/head.ts';
import { createQuotaGuard } from './resources/quota-guard.ts';
import { createReader } from './resources/reader.ts';
import { createResourceTexts } from './resources/resource-text.ts';
import { readRevisions } from './resources/revisions.ts';
import type { SecretBox } from './secret-box.ts';
import type { Trail } from './trail.ts';

export interface ResourceStoreDeps {
  readonly items: ItemStore;
  /** Seals the specs of secrets before they reach any item. */
  readonly secretBox: SecretBox;
  /** Whether resources of the type are sealed; their spec is `{ data: SecretValue }`. */
  readonly isSecret: (type: string) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every commit, where there are readers in other processes. */
  readonly feed?: Feed;
  /** Leaves a record and an event of every commit; nothing is recorded where it is absent. */
  readonly trail?: Trail;
  /** What commits are held to; nothing where it is absent. */
  readonly quotasOf?: QuotasOf;
  /** How long an entry of the log lives, in seconds; 6 hours unless told. */
  readonly logSeconds?: number;
  /** For tests; see {@link ContentionOptions}. */
  readonly contention?: ContentionOptions;
}

const defaultLogSeconds = 6 * 3600;
/** Meshes whose generation is remembered. */
const generationLimit = 10_000;

/** Creates the store of resources on a table. */
export function createResourceStore(deps: ResourceStoreDeps): ResourceStore {
  const { items, secretBox, isSecret, clock, logger, feed, logSeconds = defaultLogSeconds, trail } = deps;
  const listeners = new Set<(tenant: TenantId, mesh: string, revision: number) => void>();
  const generations = createGenerationCache(generationLimit);
  const contender = createContender(deps.contention);
  const texts = createResourceTexts({ secretBox, isSecret });

  /** Tells this process and the feed. A hint may be lost: the heads are the truth. */
  const committed: Committed = async (tenant, revisions, recorded) => {
    for (const [mesh, revision] of revisions) {
      for (const listener of listeners) {
        try {
          listener(tenant, mesh, revision);
        } catch (error) {
          logger.error('a listener of commits failed', { tenant, mesh, error: describe(error) });
        }
      }
    }
    const hints = [...revisions].map(([mesh, revision]) => ({ tenant, mesh, revision }));
    const published = feed?.publish(hints).catch((error: unknown) => {
      logger.warn('a commit could not be entered in the feed', { tenant, error: describe(error) });
    });
    const told = recorded === undefined ? undefined : trail?.written(recorded);
    await Promise.all([published, told]);
  };

  const reader = createReader({ items, texts, generations });
  const committer = createCommitter({
    items,
    texts,
    generations,
    contender,
    clock,
    logSeconds,
    trail,
    isSecret,
    quotas: deps.quotasOf && createQuotaGuard({ items, quotasOf: deps.quotasOf, clock }),
    committed,
  });
  const deletion = createDeletion({
    items,
    committer,
    contender,
    generations,
    clock,
    logger,
    logSeconds,
    trail,
    committed,
  });
  const fold = createFold({ items, committer, contender, generations, clock, logSeconds });
  const { get, pick, look, head, logAfter, load } = reader;

  return {
    get,
    pick,
    look,
    head,
    revisions: (scopes) => readRevisions(items, scopes),
    logAfter,
    load,
    commit: committer.commit,
    deleteMesh: deletion.deleteMesh,
    purge: deletion.purge,
    tenantsToPurge: deletion.tenantsToPurge,
    fold,
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
