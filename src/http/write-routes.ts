import { KumulusError } from '../model/errors.ts';
import { displayNameOf } from '../model/kri.ts';
import { parseResourceText } from '../model/parse-resource.ts';
import type { Resource, ResourceKey } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { sameContent } from '../model/same-content.ts';
import { prepareWrite } from '../model/write-resource.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';
import type { Sighting } from '../store/resources/sighting.ts';
import { answerJson, entityTag } from './answer.ts';
import { readBody } from './body.ts';
import { notFound, titled } from './errors.ts';
import { isConditional, preconditionsOf, requirePreconditions } from './preconditions.ts';
import { revisionHeader } from './revision-header.ts';
import type { ApiContext, Route } from './routing.ts';
import type { WriteRules } from './write-rules.ts';
import { expectationOf, requireWrite, retried } from './write-steps.ts';

export interface WriteDeps {
  readonly resources: ResourceStore;
  readonly zone: string;
}

const deleteTitle = 'Could not delete a resource';
const meshTitle = 'Failed to retrieve Mesh';

const readOnlyMessage =
  "On zone control plane you can only modify zone resources with 'kumactl apply' or via the HTTP API." +
  " You can still use 'kumactl' or the HTTP API to modify the rest of the resource on the global control plane.\n";

interface Found {
  readonly mesh: Resource | undefined;
  readonly seen: Sighting;
}

/**
 * Reads the resource and its mesh. The mesh is that by which the request was judged; where the write lost against another
 * one, it is read anew.
 */
async function find(
  store: ResourceStore,
  context: ApiContext,
  key: ResourceKey,
  tries: number,
): Promise<Found> {
  const tenant = context.get('tenant');
  if (key.mesh === '') {
    return { mesh: undefined, seen: await store.look(tenant, key) };
  }
  const [mesh, seen] = await Promise.all([
    tries === 1
      ? context
          .get('state')()
          .then(({ meshes }) => meshes.get(key.mesh))
      : store.get(tenant, { type: 'Mesh', mesh: '', name: key.mesh }),
    store.look(tenant, key),
  ]);
  if (mesh === undefined) {
    throw notFound(meshTitle);
  }
  return { mesh, seen };
}

function keyOf(context: ApiContext, type: ResourceType): ResourceKey {
  return {
    type: type.name,
    mesh: context.req.param('mesh') ?? '',
    name: context.req.param('name') ?? '',
  };
}

function putRoute(path: string, type: ResourceType, rules: WriteRules, deps: WriteDeps): Route {
  const { resources: store, zone } = deps;
  return {
    method: 'PUT',
    path: `${path}/:name`,
    async handle(context) {
      const access = context.get('access');
      const tenant = context.get('tenant');
      const key = keyOf(context, type);
      access.writeAny(['CREATE', 'UPDATE'], type, key);
      const conditions = preconditionsOf(context);
      const body = await readBody(context.req.raw);
      const { written, created, revisions } = await retried(isConditional(conditions), async (tries) => {
        const { mesh, seen } = await titled(meshTitle, () => find(store, context, key, tries));
        const current = seen.resource;
        const parsed = parseResourceText(type, body, { ...key, zone });
        requirePreconditions(conditions, current);
        const draft = prepareWrite(type, parsed, current, { zone });
        requireWrite(access, type, draft, current);
        const title = current === undefined ? 'Failed to create a resource' : 'Failed to update a resource';
        return titled(title, async () => {
          const find = (other: ResourceKey) => store.get(tenant, other);
          const pending = { tenant, draft, current, mesh, find };
          const checked = (await rules.check?.(pending)) ?? { draft, others: [] };
          if (current !== undefined && checked.others.length === 0 && sameContent(checked.draft, current)) {
            return { written: current, created: false, revisions: undefined };
          }
          const change: Change = { kind: 'put', draft: checked.draft, expect: expectationOf(current) };
          const changes = [change, ...checked.others];
          const { resources, revisions } = await store.commit(tenant, changes, context.get('author'), seen);
          return { written: resources[0], created: current === undefined, revisions };
        });
      });
      if (written === undefined) {
        throw new KumulusError('internal', 'the store has not said what it wrote');
      }
      const warnings = type.deprecations?.(written.spec, displayNameOf(written)) ?? [];
      return answerJson(
        context,
        warnings.length === 0 ? '{}' : JSON.stringify({ warnings }),
        created ? 201 : 200,
        { etag: entityTag(written), ...revisionHeader(key, revisions) },
      );
    },
  };
}

function deleteRoute(path: string, type: ResourceType, rules: WriteRules, deps: WriteDeps): Route {
  return {
    method: 'DELETE',
    path: `${path}/:name`,
    async handle(context) {
      const access = context.get('access');
      const tenant = context.get('tenant');
      const key = keyOf(context, type);
      access.writeAny(['DELETE'], type, key);
      const conditions = preconditionsOf(context);
      const revisions = await retried(isConditional(conditions), async (tries) => {
        const { mesh, seen } = await titled(meshTitle, () => find(deps.resources, context, key, tries));
        const current = seen.resource;
        requirePreconditions(conditions, current);
        return titled(deleteTitle, async () => {
          if (current === undefined) {
            throw notFound(deleteTitle);
          }
          access.write('DELETE', type, key, [current.spec]);
          await rules.checkDelete?.(tenant, current, mesh);
          const author = context.get('author');
          const change: Change = { kind: 'delete', key, expect: expectationOf(current) };
          if (rules.delete !== undefined) {
            await rules.delete(tenant, current, author);
            return undefined;
          }
          return (await deps.resources.commit(tenant, [change], author, seen)).revisions;
        });
      });
      return answerJson(context, '{}', 200, revisionHeader(key, revisions));
    },
  };
}

/** What the control plane alone writes is refused in the reference's words for a zone. */
function readOnlyRoute(method: 'PUT' | 'DELETE', path: string): Route {
  return {
    method,
    path: `${path}/:name`,
    alwaysRefuses: true,
    handle() {
      throw new KumulusError('method_not_allowed', readOnlyMessage);
    },
  };
}

/** `PUT` and `DELETE` of one resource. */
export function writeRoutes(
  path: string,
  type: ResourceType,
  rules: WriteRules,
  deps: WriteDeps,
): readonly Route[] {
  return type.readOnly
    ? [readOnlyRoute('PUT', path), readOnlyRoute('DELETE', path)]
    : [putRoute(path, type, rules, deps), deleteRoute(path, type, rules, deps)];
}
