import { KumulusError } from '../../model/errors.ts';
import { key } from '../../model/violations.ts';
import { type AnnotationReader, annotation, readAnnotations } from '../annotations.ts';
import { type Container, type Pod, type Probe, sidecarContainerName, type VolumeMount } from '../pod.ts';
import { canonicalQuantity, milliQuantity } from '../quantity.ts';
import type { InjectionTarget, InjectorSettings, ProbeTiming } from './settings.ts';
import { sidecarEnvironment } from './sidecar-environment.ts';

/** Where Kubernetes mounts the token of a service account. */
const tokenMountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The container of kuma-dp and Envoy.
 *
 * @throws KumulusError `invalid` for an annotation that has another form, or names a volume that there is not.
 */
export function sidecarContainer(pod: Pod, mesh: string, target: InjectionTarget): Container {
  const { sidecarContainer: container } = target.settings;
  const annotations = readAnnotations(pod.metadata.annotations);
  const concurrency = concurrencyOf(annotations, target.settings);
  const adminPort = annotations.uint32(annotation.envoyAdminPort) || target.adminPort;
  const waits = annotations.enabled(annotation.waitForDataplaneReady) ?? container.waitForDataplaneReady;
  const wait = ['kuma-dp', 'wait', '--url', `http://localhost:${adminPort}/ready`];
  return {
    name: sidecarContainerName,
    image: container.image,
    imagePullPolicy: 'IfNotPresent',
    args: ['run', '--log-level=info', ...(concurrency > 0 ? [`--concurrency=${concurrency}`] : [])],
    env: [...sidecarEnvironment(annotations, mesh, target)],
    securityContext: {
      runAsUser: container.uid,
      runAsGroup: container.gid,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
    },
    livenessProbe: readyProbe(adminPort, container.livenessProbe),
    readinessProbe: readyProbe(adminPort, container.readinessProbe),
    ...(target.sidecarContainers && { startupProbe: readyProbe(adminPort, container.startupProbe) }),
    resources: resourcesOf(container.resources),
    ...(waits && { lifecycle: { postStart: { exec: { command: wait } } } }),
    volumeMounts: [...mounts(pod, annotations, target.settings)],
  };
}

/** Envoy's worker threads: as many as the container may use cores, at least two; 0 is as many as there are. */
function concurrencyOf(pod: AnnotationReader, { sidecarContainer }: InjectorSettings): number {
  const cores = Math.trunc(milliQuantity(sidecarContainer.resources.limits.cpu) / 1_000);
  return pod.uint32(annotation.sidecarConcurrency) ?? Math.max(cores, 2);
}

function readyProbe(
  port: number,
  { successThreshold = 1, ...timing }: ProbeTiming & { readonly successThreshold?: number },
): Probe {
  const told = Object.entries({ ...timing, successThreshold }).filter(([, value]) => value !== 0);
  return { httpGet: { path: '/ready', port }, ...Object.fromEntries(told) };
}

function resourcesOf({ requests, limits }: InjectorSettings['sidecarContainer']['resources']) {
  const of = ({ cpu, memory }: { readonly cpu: string; readonly memory: string }, storage: string) => ({
    cpu: canonicalQuantity(cpu),
    memory: canonicalQuantity(memory),
    'ephemeral-storage': storage,
  });
  return { requests: of(requests, '50M'), limits: of(limits, '1G') };
}

/** The token is that of a volume that the pod names, or the one that another container has. */
function mounts(pod: Pod, annotations: AnnotationReader, settings: InjectorSettings): readonly VolumeMount[] {
  const temporary = { name: 'kuma-sidecar-tmp', mountPath: '/tmp' };
  const volume = annotations.text(annotation.sidecarTokenVolume);
  if (volume !== undefined) {
    requireVolume(pod, volume);
    return [temporary, { name: volume, mountPath: tokenMountPath, readOnly: true }];
  }
  const spire = annotations.enabled(annotation.spireSupport) ?? settings.spire.enabled;
  const token = pod.spec.containers
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .find(({ mountPath }) => mountPath === tokenMountPath);
  return [
    temporary,
    ...(spire
      ? [{ name: 'kuma-spire-agent-socket', mountPath: settings.spire.mountPath, readOnly: true }]
      : []),
    ...(token === undefined ? [] : [token]),
  ];
}

function requireVolume(pod: Pod, name: string): void {
  if (pod.spec.volumes?.some((volume) => volume.name === name)) return;
  const message = `volume (${name}) specified for ${annotation.sidecarTokenVolume} but volume does not exist in pod spec`;
  throw new KumulusError('invalid', message, {
    violations: [{ field: key('metadata.annotations', annotation.sidecarTokenVolume), message }],
  });
}
