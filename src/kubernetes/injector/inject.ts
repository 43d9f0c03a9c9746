import { KumulusError } from '../../model/errors.ts';
import { key } from '../../model/violations.ts';
import { annotation, readAnnotations } from '../annotations.ts';
import type { Container, Namespace, Pod } from '../pod.ts';
import { patchesOf } from './container-patches.ts';
import { meshOfPod, requireOtherUsers, wantsSidecar } from './eligibility.ts';
import { preparation } from './init-containers.ts';
import { injectedAnnotations } from './pod-annotations.ts';
import { withPodProbes } from './pod-probes.ts';
import type { InjectionTarget } from './settings.ts';
import { sidecarContainer } from './sidecar-container.ts';
import { injectedVolumes } from './volumes.ts';

/**
 * A pod with Kuma's sidecar, as Kuma 2.13's injector makes it; the pod itself where it is to have none.
 *
 * @throws KumulusError `invalid` for what cannot be injected: an annotation that has another form, a container that runs as the sidecar's
 *   user, a patch that there is not or that does not apply, a mesh that there is not.
 */
export function injectSidecar(pod: Pod, namespace: Namespace, target: InjectionTarget): Pod {
  const { settings } = target;
  if (!wantsSidecar(pod, namespace, settings)) return pod;
  const mesh = meshOfPod(pod, namespace);
  if (!target.hasMesh(mesh)) {
    const message = `there is no mesh ${JSON.stringify(mesh)} for the pod to join`;
    throw new KumulusError('invalid', message, {
      violations: [{ field: key('metadata.labels', annotation.mesh), message }],
    });
  }
  requireOtherUsers(pod, settings);
  const patches = patchesOf(pod, target);
  const own = pod.metadata.annotations ?? {};
  const [only, ...others] = pod.spec.containers;
  const annotations = {
    // Who asks kubectl for logs means the application.
    ...(only !== undefined && others.length === 0 && { [annotation.defaultContainer]: only.name }),
    ...own,
    ...injectedAnnotations(own, target),
  };
  const sidecar = patches.sidecar(sidecarContainer(pod, mesh, target));
  const first = preparation(annotations, settings);
  return withPodProbes({
    ...pod,
    metadata: { ...pod.metadata, annotations, labels: { ...pod.metadata.labels, [annotation.mesh]: mesh } },
    spec: {
      ...pod.spec,
      ...arranged(pod, sidecar, first && patches.init(first), {
        isNative: target.sidecarContainers,
        isFirst: readAnnotations(own).enabled(annotation.initFirst) === true,
      }),
      volumes: [...(pod.spec.volumes ?? []), ...injectedVolumes(pod, settings)],
    },
  });
}

/** Where Kuma's containers stand among the pod's. Native sidecars start in the order of init containers, and stay. */
function arranged(
  { spec: { containers, initContainers = [] } }: Pod,
  sidecar: Container,
  preparation: Container | undefined,
  { isNative, isFirst }: { readonly isNative: boolean; readonly isFirst: boolean },
): Pick<Pod['spec'], 'containers' | 'initContainers'> {
  const prepared = preparation === undefined ? [] : [preparation];
  if (isNative) {
    const native = {
      ...sidecar,
      restartPolicy: 'Always',
      lifecycle: { preStop: { exec: { command: drain } } },
    };
    return { containers, initContainers: [...prepared, native, ...initContainers] };
  }
  const all = isFirst ? [...prepared, ...initContainers] : [...initContainers, ...prepared];
  return { containers: [sidecar, ...containers], ...(all.length > 0 && { initContainers: all }) };
}

/** Tells kuma-dp to drain Envoy: a native sidecar is asked to stop after the pod's containers have. */
const drain = ['killall', '-USR2', 'kuma-dp'];
