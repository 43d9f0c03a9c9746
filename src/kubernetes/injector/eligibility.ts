import { KumulusError } from '../../model/errors.ts';
import { index } from '../../model/violations.ts';
import { type Annotations, annotation, readAnnotations } from '../annotations.ts';
import { type Namespace, type Pod, sidecarContainerName } from '../pod.ts';
import type { InjectorSettings } from './settings.ts';

/** The mesh of what says of none. */
const defaultMesh = 'default';

/**
 * Whether a pod is to get a sidecar: its own label decides, then the namespace's. What has one already, or a label that is an exception, gets none.
 *
 * @throws KumulusError `invalid` for a label that is neither enabled nor disabled.
 */
export function wantsSidecar(pod: Pod, namespace: Namespace, settings: InjectorSettings): boolean {
  const labels = pod.metadata.labels ?? {};
  if (isException(labels, settings.exceptions.labels)) return false;
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  if (containers.some(({ name }) => name === sidecarContainerName)) return false;
  const own = readAnnotations(labels, 'metadata.labels').enabled(annotation.sidecarInjection);
  const inherited = () =>
    readAnnotations(namespace.labels, 'namespace.metadata.labels').enabled(annotation.sidecarInjection);
  return own ?? inherited() ?? false;
}

function isException(labels: Annotations, exceptions: Annotations): boolean {
  return Object.entries(exceptions).some(
    ([name, value]) => Object.hasOwn(labels, name) && (value === '*' || value === labels[name]),
  );
}

/** The mesh that a pod is to join: by its label, its annotation, or the same of its namespace. */
export function meshOfPod(pod: Pod, namespace: Namespace): string {
  const { labels, annotations } = pod.metadata;
  return (
    [labels, annotations, namespace.labels, namespace.annotations]
      .map((values) => readAnnotations(values).text(annotation.mesh))
      .find((mesh) => mesh !== undefined && mesh !== '') ?? defaultMesh
  );
}

/**
 * Refuses pods whose containers run as the sidecar's user, for what that user sends is not redirected.
 *
 * @throws KumulusError `invalid`
 */
export function requireOtherUsers(pod: Pod, { sidecarContainer: { uid } }: InjectorSettings): void {
  const same = [...pod.spec.containers.entries()].filter(
    ([, { securityContext }]) => securityContext?.runAsUser === uid,
  );
  if (same.length > 0) {
    const names = same.map(([, { name }]) => JSON.stringify(name)).join(' ');
    throw new KumulusError('invalid', `containers using same UID as sidecar is unsupported: [${names}]`, {
      violations: same.map(([position]) => ({
        field: `${index('spec.containers', position)}.securityContext.runAsUser`,
        message: `must not be ${uid}, which is the sidecar's`,
      })),
    });
  }
}
