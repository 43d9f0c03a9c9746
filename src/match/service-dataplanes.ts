import type { Resource } from '../model/resource.ts';
import { matchesSelector } from '../model/tags.ts';
import { meshServiceSchema } from '../model/types/mesh-service.ts';
import { proxyOf, tagSetsOf } from './proxy.ts';

/**
 * Tells of Dataplanes whether they are part of a MeshService: the one that it names, or else those with an inbound or a
 * gateway that has all of its tags, whether they take traffic or not. Without a selector none is, with an empty one all.
 */
export function serviceSelector(service: Resource): (dataplane: Resource) => boolean {
  const { dataplaneRef, dataplaneTags } = meshServiceSchema.parse(service.spec).selector;
  if (dataplaneRef !== undefined) {
    return ({ name }) => name === dataplaneRef.name;
  }
  if (dataplaneTags === undefined) {
    return () => false;
  }
  return (dataplane) => tagSetsOf(proxyOf(dataplane)).some((tags) => matchesSelector(dataplaneTags, tags));
}
