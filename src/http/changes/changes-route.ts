import { KumulusError } from '../../model/errors.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { LogEntry, ResourceStore } from '../../store/resource-store.ts';
import { answer, answerJson } from '../answer.ts';
import { errorBody, notFound } from '../errors.ts';
import { type ApiContext, queryOf, type Route } from '../routing.ts';
import { type ShownCommit, shownCommit } from './change-json.ts';
import type { ChangeWaiter } from './change-waiter.ts';
import { type ChangesQuery, changesQuery, changesTitle } from './changes-query.ts';

export interface ChangesDeps {
  readonly resources: ResourceStore;
  readonly waiter: ChangeWaiter;
  readonly types: readonly ResourceType[];
}

/** What a page of changes tells. */
interface ChangesAnswer {
  /** Up to where the caller knows the history now: what to give as `since` next. */
  readonly revision: number;
  /** Commits with something that the caller may see, oldest first. */
  readonly items: readonly ShownCommit[];
  /** The address of the next page, where there is more already. */
  readonly next: string | null;
}

/** Bytes of JSON that a page has before it ends; one commit may have 350 KB. A function's answer ends at 6 MB. */
const pageBytes = 2_000_000;
/** Commits that are read at once. */
const readAtOnce = 50;

/** A part of a history that was read. */
interface Page {
  readonly revision: number;
  readonly items: readonly ShownCommit[];
  readonly more: boolean;
}

/**
 * `GET /meshes/{mesh}/_changes` and `GET /_changes`: the history of a mesh, or of what is beside the meshes, from a
 * revision on. With `wait` the answer comes as soon as there is something, so that nobody has to ask again and again.
 */
export function changesRoutes(deps: ChangesDeps): readonly Route[] {
  const { resources, waiter } = deps;
  const types = new Map(deps.types.map((type) => [type.name, type]));
  const meshType = types.get('Mesh');

  /** @throws KumulusError `forbidden` where the caller may not see the mesh, `not_found` where there is none. */
  async function requireMesh(context: ApiContext, mesh: string): Promise<void> {
    if (mesh === '') {
      return;
    }
    if (meshType !== undefined) {
      context.get('access').read(meshType, '', mesh);
    }
    const key = { type: 'Mesh', mesh: '', name: mesh };
    if ((await resources.get(context.get('tenant'), key)) === undefined) {
      throw notFound('Failed to retrieve Mesh');
    }
  }

  /** Reads on from `since` until the page is full or there is no more; undefined where the log does not go back so far. */
  async function readPage(
    context: ApiContext,
    mesh: string,
    since: number,
    size: number,
  ): Promise<Page | undefined> {
    const items: ShownCommit[] = [];
    let revision = since;
    let bytes = 0;
    let looked = 0;
    const take = (entry: LogEntry) => {
      revision = entry.revision;
      looked += 1;
      const shown = shownCommit(entry, types, context.get('access'));
      if (shown !== undefined) {
        items.push(shown);
        bytes += JSON.stringify(shown).length;
      }
      return looked < size && bytes < pageBytes;
    };
    for (;;) {
      const limit = Math.min(readAtOnce, size - looked);
      const found = await resources.logAfter(context.get('tenant'), mesh, revision, limit);
      if (found.kind === 'expired') {
        return undefined;
      }
      if (!found.entries.every(take)) {
        return { revision, items, more: true };
      }
      if (found.entries.length < limit) {
        return { revision, items, more: false };
      }
    }
  }

  /** Waits, where the page would be empty, until it is not or the time is over. */
  async function waitForPage(
    context: ApiContext,
    mesh: string,
    { since, size, waitMs }: ChangesQuery & { readonly since: number },
  ): Promise<Page | undefined> {
    const { signal } = context.req.raw;
    // How long it takes, whatever the clock is set to meanwhile.
    const started = performance.now();
    let from = since;
    for (;;) {
      const page = await readPage(context, mesh, from, size);
      const left = waitMs - (performance.now() - started);
      if (page === undefined || page.items.length > 0 || page.more || left <= 0 || signal.aborted) {
        return page;
      }
      from = page.revision;
      // Who waits keeps nobody else from being answered.
      context.get('leaveGate')();
      await waiter.wait(context.get('tenant'), mesh, from, left, signal);
      // A token may have been revoked, or a role taken away, meanwhile.
      const { access } = await context.get('identify')();
      context.set('access', access);
    }
  }

  async function handle(context: ApiContext): Promise<Response> {
    const tenant = context.get('tenant');
    const mesh = context.req.param('mesh') ?? '';
    const query = changesQuery(queryOf(context.req.url));
    await requireMesh(context, mesh);
    const { revision: head } = await resources.head(tenant, mesh);
    const { since } = query;
    if (since === undefined) {
      return answer(context, { revision: head, items: [], next: null } satisfies ChangesAnswer);
    }
    if (since > head) {
      throw new KumulusError('invalid', 'Resource is not valid', {
        title: changesTitle,
        violations: [{ field: 'since', message: `must be <= ${head}, the newest revision, got ${since}` }],
      });
    }
    const page = await waitForPage(context, mesh, { ...query, since });
    if (page === undefined) {
      await requireMesh(context, mesh);
      return gone(context, since, (await resources.head(tenant, mesh)).revision);
    }
    const { revision, items, more } = page;
    const body: ChangesAnswer = { revision, items, next: more ? nextPage(context, revision) : null };
    return answer(context, body);
  }

  return ['/meshes/:mesh/_changes', '/_changes'].map((path) => ({ method: 'GET', path, handle }));
}

/** The same request from another revision on, which need not wait. */
function nextPage(context: ApiContext, revision: number): string {
  const url = new URL(context.req.url);
  url.searchParams.set('since', String(revision));
  return url.href;
}

/** What the log does not have any more: the caller reads what there is, and goes on from the revision that is told. */
function gone(context: ApiContext, since: number, revision: number): Response {
  const error = new KumulusError(
    'gone',
    `the log does not go back to revision ${since}: read what there is, then go on from revision ${revision}`,
    { title: changesTitle },
  );
  return answerJson(context, JSON.stringify({ ...errorBody(error), revision }), 410);
}
