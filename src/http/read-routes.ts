import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { answerJson, entityTag, isHeld, notModified } from './answer.ts';
import type { Collection } from './collections.ts';
import { notFound, titled } from './errors.ts';
import { kubernetesJson, resourceJson } from './rendering.ts';
import type { ApiContext, Route } from './routing.ts';

export interface ReadDeps {
  /** @throws KumulusError `not_found` where the request names a mesh that there is not. */
  requireMesh(context: ApiContext): Promise<void>;
}

export const findTitle = 'Could not retrieve a resource';

const kubernetesFormats: ReadonlySet<string> = new Set(['k8s', 'kubernetes']);

/** How `format` asks for a resource: as Kubernetes has it, or, unless told, as the API has it. */
function rendererOf(context: ApiContext, type: ResourceType): (resource: Resource) => string {
  const format = context.req.query('format') ?? '';
  if (kubernetesFormats.has(format)) {
    const namespace = context.req.query('namespace');
    return (resource) => kubernetesJson(type, resource, namespace);
  }
  if (format !== '' && format !== 'universal') {
    throw new KumulusError('invalid', 'Resource is not valid', {
      title: findTitle,
      violations: [{ field: '', message: '"format" must be one of ["k8s", "kubernetes", "universal"]' }],
    });
  }
  return (resource) => resourceJson(type, resource);
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
      const json = rendererOf(context, type);
      if (resource === undefined) {
        throw notFound(findTitle);
      }
      return collection.isComputed === true
        ? answerJson(context, json(resource))
        : answerVersion(context, resource, () => json(resource));
    },
  };
}
