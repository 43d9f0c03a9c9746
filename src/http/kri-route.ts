import { KumulusError } from '../model/errors.ts';
import { parseKri } from '../model/kri.ts';
import type { Collection } from './collections.ts';
import { notFound, titled } from './errors.ts';
import { answerVersion, findTitle } from './read-routes.ts';
import { resourceJson } from './rendering.ts';
import type { Route } from './routing.ts';

/** `GET /_kri/<identifier>`: any resource by Kuma's identifier for it. */
export function kriRoute(collections: readonly Collection[], zone: string): Route {
  const byShortName = new Map(collections.map((collection) => [collection.type.shortName, collection]));
  byShortName.delete('');
  return {
    method: 'GET',
    path: '/_kri/:kri',
    async handle(context) {
      const parts = parseKri(context.req.param('kri') ?? '');
      const collection = byShortName.get(parts.shortName);
      if (collection === undefined) {
        const message = `bad request: unknown short name of resource type: ${JSON.stringify(parts.shortName)}`;
        throw new KumulusError('bad_request', message);
      }
      const { type } = collection;
      context.get('access').read(type, parts.mesh, parts.name);
      // A zone's own resources have its name in their identifier; those without a zone came from a global one.
      const resource =
        parts.zone === zone
          ? await titled(findTitle, () => collection.find(context.get('tenant'), parts.mesh, parts.name))
          : undefined;
      if (resource === undefined) {
        throw notFound(findTitle);
      }
      return answerVersion(context, resource, () => resourceJson(type, resource));
    },
  };
}
