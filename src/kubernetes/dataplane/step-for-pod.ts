import { KumulusError } from '../../model/errors.ts';
import { goQuote } from '../../model/go-quote.ts';
import type { Labels } from '../../model/labels.ts';
import type { DataplaneSpec } from '../../model/types/dataplane.ts';
import type { ZoneEgressSpec, ZoneIngressSpec } from '../../model/types/zone-proxy.ts';
import { annotation, readAnnotations } from '../annotations.ts';
import { builtinGatewayDataplane, type DataplaneSources, dataplaneOfPod } from './dataplane-of-pod.ts';
import type { Namespace, Pod } from './objects.ts';
import { type ZoneProxySources, zoneEgressOfPod, zoneIngressOfPod } from './zone-proxies.ts';

/** What a pod stands for in the control plane. */
export type PodRole = 'sidecar' | 'builtin gateway' | 'zone ingress' | 'zone egress';

/** The resource that a pod becomes. */
export interface PodResource {
  readonly type: 'Dataplane' | 'ZoneIngress' | 'ZoneEgress';
  /** `<pod>.<namespace>`, as proxies in Kubernetes call themselves. */
  readonly name: string;
  /** Empty for resources of global scope. */
  readonly mesh: string;
  readonly labels: Labels;
  readonly spec: DataplaneSpec | ZoneIngressSpec | ZoneEgressSpec;
}

/** What is to be done about a pod. */
export type PodStep =
  /** The pod is no proxy, or its namespace is going and it with it. */
  | { readonly action: 'nothing' }
  | { readonly action: 'delete'; readonly type: PodResource['type']; readonly name: string }
  | { readonly action: 'write'; readonly resource: PodResource };

/** All that a step is made of beside the pod. */
export interface PodSources extends DataplaneSources {
  readonly namespace: Namespace;
  /** The namespace of Kuma itself, the only one for proxies of zones; `kuma-system` unless told. */
  readonly systemNamespace?: string;
  /** What the ZoneIngress or ZoneEgress says already, where the pod has one. */
  readonly existingIngress?: ZoneIngressSpec;
  readonly existingEgress?: ZoneEgressSpec;
}

/**
 * What a pod stands for; undefined for a pod without a proxy.
 *
 * @throws KumulusError `invalid` where an annotation that says so has another form.
 */
export function roleOfPod(pod: Pod): PodRole | undefined {
  const annotations = readAnnotations(pod.metadata.annotations);
  if (annotations.enabled(annotation.ingress) === true) {
    return 'zone ingress';
  }
  if (annotations.enabled(annotation.egress) === true) {
    return 'zone egress';
  }
  if (annotations.text(annotation.gateway) === 'builtin') {
    return 'builtin gateway';
  }
  return annotations.enabled(annotation.sidecarInjected) === true ? 'sidecar' : undefined;
}

/**
 * What is to be done about a pod that was made or has changed.
 *
 * @throws KumulusError `invalid` or `not_found` where no resource can be made of it.
 */
export function stepForPod(pod: Pod, sources: PodSources): PodStep {
  const role = roleOfPod(pod);
  const isLeaving = role === 'sidecar' && sources.namespace.status.phase === 'Terminating';
  if (role === undefined || isLeaving) {
    return { action: 'nothing' };
  }
  const name = `${pod.metadata.name}.${pod.metadata.namespace}`;
  const type = types[role];
  if (pod.status.podIP === '' || (role === 'sidecar' && isOver(pod))) {
    return { action: 'delete', type, name };
  }
  return { action: 'write', resource: { type, name, mesh: '', ...resourceFor(role, pod, sources) } };
}

const types: Readonly<Record<PodRole, PodResource['type']>> = {
  sidecar: 'Dataplane',
  'builtin gateway': 'Dataplane',
  'zone ingress': 'ZoneIngress',
  'zone egress': 'ZoneEgress',
};

/** Pods of Jobs stay for ever once they have succeeded, and evicted ones until somebody cleans up. */
function isOver({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.reason === 'Evicted';
}

function resourceFor(
  role: PodRole,
  pod: Pod,
  sources: PodSources,
): Pick<PodResource, 'labels' | 'spec'> & { readonly mesh?: string } {
  switch (role) {
    case 'sidecar':
      return dataplaneOfPod(pod, sources);
    case 'builtin gateway':
      return builtinGatewayDataplane(pod, sources);
    case 'zone ingress':
      requireSystemNamespace(pod, sources, 'Ingress');
      return zoneIngressOfPod(pod, withExisting(sources, sources.existingIngress));
    case 'zone egress':
      requireSystemNamespace(pod, sources, 'Egress');
      return zoneEgressOfPod(pod, withExisting(sources, sources.existingEgress));
  }
}

function withExisting<Spec>(sources: PodSources, spec: Spec | undefined): ZoneProxySources<Spec> {
  return spec === undefined
    ? sources
    : { ...sources, existing: { labels: sources.existingLabels ?? {}, spec } };
}

/** Elsewhere whoever may make pods could take the traffic of the zone. */
function requireSystemNamespace(
  pod: Pod,
  { systemNamespace = 'kuma-system' }: PodSources,
  kind: 'Ingress' | 'Egress',
): void {
  if (pod.metadata.namespace !== systemNamespace) {
    const message = `${kind} can only be deployed in system namespace ${goQuote(systemNamespace)}`;
    throw new KumulusError('invalid', message, {
      violations: [{ field: 'metadata.namespace', message }],
    });
  }
}
