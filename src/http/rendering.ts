import { renderKubernetes } from '../model/render-kubernetes.ts';
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

/** A resource as its object in Kubernetes, in JSON. */
export function kubernetesJson(type: ResourceType, resource: Resource, namespace?: string): string {
  return JSON.stringify(renderKubernetes(type, type.secret ? revealed(resource) : resource, namespace));
}
