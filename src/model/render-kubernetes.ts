import { labelNames } from './labels.ts';
import type { Resource } from './resource.ts';
import type { ResourceType } from './resource-type.ts';

/** The namespace of Kuma's own objects, where a caller names no other. */
const systemNamespace = 'kuma-system';

/** Those of the older types whose custom resources have a namespace; the newer ones all have. */
const namespaced: ReadonlySet<string> = new Set([
  'Dataplane',
  'DataplaneInsight',
  'ZoneIngress',
  'ZoneIngressInsight',
  'ZoneEgress',
  'ZoneEgressInsight',
]);

/**
 * A resource as the object that Kuma's custom resource definitions have for it in Kubernetes, which is what `kumactl export
 * --format=kubernetes` writes. Labels that Kuma computes are left out, as in the reference, for a control plane on
 * Kubernetes computes its own; those of users stay.
 *
 * @param namespace `kuma-system` where it is empty.
 */
export function renderKubernetes(
  type: ResourceType,
  resource: Resource,
  namespace = '',
): Record<string, unknown> {
  const isNamespaced = type.layout === 'spec' || type.secret || namespaced.has(type.name);
  const labels = kubernetesLabels(type, resource);
  const metadata = {
    name: resource.name,
    ...(isNamespaced && { namespace: namespace === '' ? systemNamespace : namespace }),
    creationTimestamp: resource.creationTime.replace(/\.\d+(?=Z$)/, ''),
    ...(Object.keys(labels).length > 0 && { labels }),
  };
  return type.secret
    ? { kind: 'Secret', apiVersion: 'v1', metadata, ...secretBody(type, resource) }
    : { kind: type.name, apiVersion: 'kuma.io/v1alpha1', metadata, ...body(type, resource) };
}

function body(type: ResourceType, { mesh, spec }: Resource): Record<string, unknown> {
  if (type.layout === 'spec') {
    return { spec, ...(type.status !== undefined && { status: type.status.initial }) };
  }
  const member = type.name === 'DataplaneInsight' ? 'status' : 'spec';
  return { ...(mesh !== '' && { mesh }), [member]: spec };
}

/** Kubernetes' own Secret, of a type of Kuma's. */
function secretBody(type: ResourceType, { spec }: Resource): Record<string, unknown> {
  const data: unknown = typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'data') : undefined;
  return {
    data: { value: data },
    type: type.scope === 'Mesh' ? 'system.kuma.io/secret' : 'system.kuma.io/global-secret',
  };
}

/** The newer types and Secrets name their mesh in a label; of global ones the label of the newer types is empty. */
function kubernetesLabels(type: ResourceType, { mesh, labels }: Resource): Readonly<Record<string, string>> {
  const own = Object.entries(labels).filter(([name]) => !/(^|\.)kuma\.io\//.test(name));
  const isNamed = type.layout === 'spec' || (type.secret && mesh !== '');
  return Object.fromEntries(isNamed ? [...own, [labelNames.mesh, mesh]] : own);
}
