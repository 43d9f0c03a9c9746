import type { Author } from '../../model/author.ts';
import { isKumulusError, KumulusError } from '../../model/errors.ts';
import { Violations } from '../../model/violations.ts';
import type { ResourceStore } from '../../store/resource-store.ts';
import { answer } from '../answer.ts';
import { readBody } from '../body.ts';
import { type ApiContext, queryOf, type Route } from '../routing.ts';
import { retried } from '../write-steps.ts';
import { requireNone } from './collect.ts';
import { readDocuments, yamlTypes } from './documents.ts';
import { type PlannedChange, summaryOf } from './plan.ts';
import { type ApplyRequest, type PrepareDeps, type PreparedScope, prepareScope } from './prepare-scope.ts';
import { byScope, type Target, targetsOf } from './targets.ts';

export interface ApplyDeps extends PrepareDeps {
  readonly resources: ResourceStore;
}

/** The answer to `POST /_apply`. */
interface ApplyAnswer {
  readonly dryRun: boolean;
  readonly summary: ReturnType<typeof summaryOf>;
  /** The revision that each changed mesh has reached; the empty name is what is beside the meshes. */
  readonly revisions: Readonly<Record<string, number>>;
  /** In the order in which they were made. */
  readonly changes: readonly PlannedChange[];
}

/**
 * `POST /_apply`: creates, updates and, with `prune`, deletes many resources. All that is wrong with any document is
 * told at once, and then nothing is written. What is written to one mesh is one commit: all or nothing; meshes follow
 * one another, what is beside them first.
 *
 * - `dryRun=true` writes nothing and answers what would be done.
 * - `prune=<label>=<value>`, more than once for more labels: what has all of these labels and is in none of the
 *   documents is deleted, in the meshes that the documents are about. All documents must have the labels.
 */
export function applyRoute(deps: ApplyDeps): Route {
  return {
    method: 'POST',
    path: '/_apply',
    consumes: yamlTypes,
    async handle(context) {
      const query = queryOf(context.req.url);
      const dryRun = flag(query, 'dryRun');
      const request: ApplyRequest = {
        tenant: context.get('tenant'),
        access: context.get('access'),
        prune: pruneLabels(query),
      };
      const documents = await readDocuments(await readBody(context.req.raw), mediaTypeOf(context));
      const violations = new Violations();
      const scopes = byScope(targetsOf(documents, deps.types, violations));
      const prepared: PreparedScope[] = [];
      for (const [scope, targets] of scopes) {
        prepared.push(await prepareScope(deps, request, scope, targets, violations));
      }
      requireNone(violations);
      const revisions = new Map<string, number>();
      const done: PreparedScope[] = [];
      for (const first of dryRun ? [] : prepared) {
        const targets = scopes.get(first.scope) ?? [];
        const written = await commitScope(deps, request, first, targets, context.get('author')).catch(
          (error) => {
            throw withApplied(error, done);
          },
        );
        done.push(written.prepared);
        for (const [scope, revision] of written.revisions) {
          revisions.set(scope, revision);
        }
      }
      const changes = (dryRun ? prepared : done).flatMap(({ planned }) => planned);
      const body: ApplyAnswer = {
        dryRun,
        summary: summaryOf(changes),
        revisions: Object.fromEntries(revisions),
        changes,
      };
      return answer(context, body);
    },
  };
}

/** Commits what was worked out; where somebody else was faster it is worked out anew. */
async function commitScope(
  deps: ApplyDeps,
  request: ApplyRequest,
  first: PreparedScope,
  targets: readonly Target[],
  author: Author,
): Promise<{ readonly prepared: PreparedScope; readonly revisions: ReadonlyMap<string, number> }> {
  let prepared: PreparedScope | undefined = first;
  return retried(false, async () => {
    const violations = new Violations();
    const current = prepared ?? (await prepareScope(deps, request, first.scope, targets, violations));
    prepared = undefined;
    requireNone(violations);
    if (current.changes.length === 0) {
      return { prepared: current, revisions: new Map() };
    }
    const { revisions } = await deps.resources.commit(request.tenant, current.changes, author);
    return { prepared: current, revisions };
  });
}

/** Says what stays as it was written, where a later mesh could not be. */
function withApplied(error: unknown, done: readonly PreparedScope[]): unknown {
  if (!isKumulusError(error) || done.length === 0) {
    return error;
  }
  const names = done.map(({ scope }) => (scope === '' ? 'what is beside the meshes' : `mesh ${scope}`));
  const { title, violations, retryAfterSeconds } = error;
  return new KumulusError(error.code, `${error.message}; already applied: ${names.join(', ')}`, {
    violations,
    ...(title !== undefined && { title }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    cause: error,
  });
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name) ?? 'false';
  if (value !== 'true' && value !== 'false') {
    throw new KumulusError('bad_request', `${name} must be true or false, got ${JSON.stringify(value)}`);
  }
  return value === 'true';
}

function pruneLabels(query: URLSearchParams): ApplyRequest['prune'] {
  const given = query.getAll('prune');
  if (given.length === 0) {
    return undefined;
  }
  return new Map(
    given.map((text): [string, string] => {
      const at = text.indexOf('=');
      if (at < 1 || at === text.length - 1) {
        throw new KumulusError('bad_request', `prune must be <label>=<value>, got ${JSON.stringify(text)}`);
      }
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function mediaTypeOf(context: ApiContext): string {
  return (context.req.header('content-type') ?? '').split(';', 1).join('').trim();
}
