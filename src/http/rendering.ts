import { renderResource } from '../model/render-resource.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { revealed } from './secret-rules.ts';

const texts = new WeakMap<Resource, string>();

/**
 * A resource as JSON, made once for each version: resources are immutable, so the text lives as long as the object.
 * Secrets are made each time, so that no copy of them stays.
 */
export function resourceJson(type: ResourceType, resource: Resource): string {
  if (type.secret) {
    return JSON.stringify(renderResource(type, revealed(resource)));
  }
  const known = texts.get(resource);
  if (known !== undefined) {
    return known;
  }
  const text = JSON.stringify(renderResource(type, resource));
  texts.set(resource, text);
  return text;
}

/** The insight of an overview: a DataplaneInsight, of which the spec is shown. */
type InsightPart = Pick<Resource, 'spec'> | undefined;

interface KnownOverview {
  readonly insight: InsightPart;
  readonly text: string;
}

const overviews = new WeakMap<Resource, KnownOverview>();

/** A Dataplane and its insight in one, as Kuma's DataplaneOverview; made once for each pair of versions. */
export function overviewJson(dataplane: Resource, insight: InsightPart): string {
  const known = overviews.get(dataplane);
  if (known !== undefined && known.insight === insight) {
    return known.text;
  }
  const { mesh, name, creationTime, modificationTime, labels } = dataplane;
  const text = JSON.stringify({
    type: 'DataplaneOverview',
    mesh,
    name,
    creationTime,
    modificationTime,
    ...(Object.keys(labels).length > 0 && { labels }),
    dataplane: dataplane.spec,
    ...(insight !== undefined && { dataplaneInsight: insight.spec }),
  });
  overviews.set(dataplane, { insight, text });
  return text;
}
