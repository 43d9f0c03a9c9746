import { kri } from './kri.ts';
import type { Resource } from './resource.ts';
import type { ResourceType } from './resource-type.ts';

/** A resource as the API answers with it: metadata, then the spec, flat or under `spec` as its type's layout says. */
export function renderResource(type: ResourceType, resource: Resource): Record<string, unknown> {
  const { spec } = resource;
  return {
    ...renderMeta(type, resource),
    ...(type.layout === 'spec' ? { spec } : typeof spec === 'object' ? spec : {}),
    ...(type.status === undefined ? {} : { status: type.status.initial }),
  };
}

/** The metadata of a resource as the API answers with it; labels and kri only where there are any. */
function renderMeta(type: ResourceType, resource: Resource): Record<string, unknown> {
  const identifier = kri(type, resource);
  return {
    type: resource.type,
    ...(resource.mesh === '' ? {} : { mesh: resource.mesh }),
    name: resource.name,
    creationTime: resource.creationTime,
    modificationTime: resource.modificationTime,
    ...(Object.keys(resource.labels).length === 0 ? {} : { labels: resource.labels }),
    ...(identifier === undefined ? {} : { kri: identifier }),
  };
}
