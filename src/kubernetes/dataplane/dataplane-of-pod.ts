import type { Labels } from '../../model/labels.ts';
import {
  type DataplaneSpec,
  dataplaneSchema,
  dataplaneType,
  type Networking,
} from '../../model/types/dataplane.ts';
import type { MeshSpec } from '../../model/types/mesh-schema.ts';
import { type AnnotationReader, annotation, readAnnotations } from '../annotations.ts';
import { builtinGatewayOf, delegatedGatewayOf } from './gateways.ts';
import { type InboundSources, inboundsOfPod, withoutDuplicates } from './inbounds.ts';
import { labelsOfPod, workloadOf } from './labels.ts';
import { metricsOf } from './metrics.ts';
import type { Pod } from './objects.ts';
import { type OutboundSources, outboundsOfPod } from './outbounds.ts';
import { probesOf } from './probes.ts';
import { transparentProxyingOf } from './transparent-proxying.ts';

/** The mesh of a pod. */
export interface PodMesh {
  readonly name: string;
  readonly spec: MeshSpec;
}

/** All that a Dataplane is made of beside its pod. */
export interface DataplaneSources extends InboundSources, OutboundSources {
  readonly mesh: PodMesh;
  /** The labels of the Dataplane that the pod has already. */
  readonly existingLabels?: Labels;
  /** The labels of pods that name their workload, the first that a pod has; the service account unless told. */
  readonly workloadLabels?: readonly string[];
  /** Whether outbounds come from elsewhere (`KUMA_EXPERIMENTAL_KUBE_OUTBOUNDS_AS_VIPS`); false unless told. */
  readonly kubeOutboundsAsVips?: boolean;
}

/** A Dataplane without its name, which is the pod's. */
export interface PodDataplane {
  readonly mesh: string;
  readonly labels: Labels;
  readonly spec: DataplaneSpec;
}

/**
 * The Dataplane of a pod with a sidecar, or of a gateway that the pod brings along, as Kuma 2.13 makes it.
 *
 * @throws KumulusError `invalid` where an annotation is missing or has another form, with its name as the field;
 *   `not_found` where the node or an owner of the pod is needed and not there.
 */
export function dataplaneOfPod(pod: Pod, sources: DataplaneSources): PodDataplane {
  const annotations = readAnnotations(pod.metadata.annotations);
  const metrics = metricsOf(pod.metadata.annotations);
  const probes = probesOf(pod, annotations);
  const spec = dataplaneSchema.parse({
    networking: networkingOf(pod, sources, annotations),
    ...(metrics !== undefined && { metrics }),
    ...(probes !== undefined && { probes }),
  });
  return labelled(pod, spec, sources, workloadOf(pod, sources.workloadLabels ?? []));
}

/**
 * The Dataplane of a pod in which Envoy itself is the gateway; listeners and routes come from MeshGateways.
 *
 * @throws KumulusError `invalid` where the annotation with its tags is missing or has another form.
 */
export function builtinGatewayDataplane(
  pod: Pod,
  sources: Pick<DataplaneSources, 'mesh' | 'zone' | 'existingLabels'>,
): PodDataplane {
  const gateway = builtinGatewayOf(pod, sources.zone);
  const spec = dataplaneSchema.parse({ networking: { address: pod.status.podIP, gateway } });
  return labelled(pod, spec, sources, '');
}

function networkingOf(pod: Pod, sources: DataplaneSources, annotations: AnnotationReader): Networking {
  const transparentProxying = transparentProxyingOf(annotations);
  const gateway = delegatedGatewayOf(pod, sources);
  const reachable = transparentProxying?.reachableServices ?? [];
  const adminPort = annotations.uint32(annotation.envoyAdminPort);
  return {
    address: pod.status.podIP,
    ...(gateway === undefined ? { inbound: inbounds(pod, sources) } : { gateway }),
    ...(sources.kubeOutboundsAsVips !== true && {
      outbound: [...outboundsOfPod(pod, reachable, sources)],
    }),
    ...(transparentProxying !== undefined && { transparentProxying }),
    ...(adminPort !== undefined && { admin: { port: adminPort } }),
  };
}

/** Services are named by tags unless MeshServices alone name them: then each inbound counts, even on the same port. */
function inbounds(pod: Pod, sources: DataplaneSources) {
  const all = inboundsOfPod(pod, sources);
  return [...(sources.mesh.spec.meshServices?.mode === 'Exclusive' ? withoutDuplicates(all) : all)];
}

function labelled(
  pod: Pod,
  spec: DataplaneSpec,
  { mesh, existingLabels = {} }: Pick<DataplaneSources, 'mesh' | 'existingLabels'>,
  workload: string,
): PodDataplane {
  const labels = labelsOfPod(dataplaneType, spec, pod, { existingLabels, mesh: mesh.name, workload });
  return { mesh: mesh.name, labels, spec };
}
