import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { answerJson, entityTag, isHeld, notModified } from './answer.ts';
import type { Collection } from './collections.ts';
import { notFound, titled } from './errors.ts';
import { resourceJson } from './rendering.ts';
import type { ApiContext, Route } from './routing.ts';

export interface ReadDeps {
  /** @throws KumulusError `not_found` where the request names a mesh that there is not. */
  requireMesh(context: ApiContext): Promise<void>;
}

export const findTitle = 'Could not retrieve a resource';

/** The formats that a resource can be had in; what Kubernetes' own objects look like is for its API to say. */
function requireFormat(context: ApiContext): void {
  const format = context.req.query('format') ?? '';
  if (format !== '' && format !== 'universal') {
    throw new KumulusError('invalid', 'Resource is not valid', {
      title: findTitle,
      violations: [{ field: '', message: '"format" must be one of ["k8s", "kubernetes", "universal"]' }],
    });
  }
}

/** Answers with a resource, unless the caller holds this version already: then its JSON is not even made. */
export function answerVersion(context: ApiContext, resource: Resource, json: () => string): Response {
  const tag = entityTag(resource);
  return isHeld(context, tag) ? notModified(context, tag) : answerJson(context, json(), 200, { etag: tag });
}

/** `GET` of one resource. */
export function readRoute(path: string, collection: Collection, deps: ReadDeps): Route {
  const { type } = collection;
  return {
    method: 'GET',
    path: `${path}/:name`,
    async handle(context) {
      const mesh = context.req.param('mesh') ?? '';
      const name = context.req.param('name') ?? '';
      context.get('access').read(type, mesh, name);
      const [, resource] = await Promise.all([
        deps.requireMesh(context),
        titled(findTitle, () => collection.find(context.get('tenant'), mesh, name)),
      ]);
      requireFormat(context);
      if (resource === undefined) {
        throw notFound(findTitle);
      }
      return collection.isComputed === true
        ? answerJson(context, resourceJson(type, resource))
        : answerVersion(context, resource, () => resourceJson(type, resource));
    },
  };
}
