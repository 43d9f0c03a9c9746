import { type Labels, labelNames } from '../../model/labels.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { annotation } from '../annotations.ts';
import type { Pod } from './objects.ts';

/** What labels are made of beside the pod. */
export interface LabelSources {
  /** Those that the resource has; the pod's win, and what the pod never had stays. */
  readonly existingLabels?: Labels;
  /** Empty for resources of global scope. */
  readonly mesh: string;
  /** Empty for proxies that belong to no workload, such as gateways that Envoy itself is. */
  readonly workload: string;
}

/** Those of a pod that would let its owner say what only the control plane knows. */
const claims: ReadonlySet<string> = new Set([annotation.serviceAccount, labelNames.workload]);

/**
 * The labels of the resource that a pod becomes: the pod's own, its namespace, service account and workload, its mesh and
 * the type of the proxy. Origin, zone and environment are added where it is stored, by `computeLabels`.
 * Unlike in the reference a pod cannot claim another namespace, service account or workload by a label.
 */
export function labelsOfPod<Spec>(
  type: ResourceType<Spec>,
  spec: Spec,
  pod: Pod,
  { existingLabels = {}, mesh, workload }: LabelSources,
): Labels {
  const own = Object.entries(pod.metadata.labels).filter(([name]) => !claims.has(name));
  const { serviceAccountName } = pod.spec;
  const proxyType = type.proxyType?.(spec);
  const labels = {
    ...existingLabels,
    ...Object.fromEntries(own),
    [labelNames.namespace]: pod.metadata.namespace,
    ...(mesh !== '' && { [labelNames.mesh]: mesh }),
    ...(proxyType !== undefined && { [labelNames.proxyType]: proxyType }),
    ...(serviceAccountName !== '' && { [annotation.serviceAccount]: serviceAccountName }),
    ...(workload !== '' && { [labelNames.workload]: workload }),
  };
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The workload of a pod: the first of these labels that the pod has, else its service account. */
export function workloadOf(pod: Pod, workloadLabels: readonly string[]): string {
  const named = workloadLabels.map((name) => pod.metadata.labels[name] ?? '');
  return named.find((value) => value !== '') ?? pod.spec.serviceAccountName;
}
