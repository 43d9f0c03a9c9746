import { KumulusError } from '../../model/errors.ts';
import type { DataplaneSpec } from '../../model/types/dataplane.ts';
import { field, index } from '../../model/violations.ts';
import { type AnnotationReader, annotation } from '../annotations.ts';
import { sidecarContainerName } from '../pod.ts';
import type { Container, Pod, Probe } from './objects.ts';

import { annotationRefusal } from './refusal.ts';

type Probes = NonNullable<DataplaneSpec['probes']>;
type Endpoint = NonNullable<Probes['endpoints']>[number];

const kinds = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/**
 * The virtual probes of a pod: the injector turned `http://:8080/health` into `http://:9000/8080/health`, where 9000 is a
 * port that the proxy answers without mTLS, and this tells what stands behind it.
 *
 * @returns undefined where the pod has virtual probes off.
 * @throws KumulusError `invalid` where an annotation is missing or has another form, or a probe was not turned.
 */
export function probesOf(pod: Pod, annotations: AnnotationReader): Probes | undefined {
  if (annotations.enabled(annotation.virtualProbes) !== true) {
    return undefined;
  }
  const port = annotations.uint32(annotation.virtualProbesPort);
  if (port === undefined) {
    const name = annotation.virtualProbesPort;
    throw annotationRefusal(name, `${name} annotation doesn't exist`);
  }
  // Where the sidecar's own proxy of probes is on as well, the probes lead there, under the same paths.
  const proxyPort = annotations.uint32(annotation.applicationProbeProxyPort) ?? 0;
  const ports = [port, ...(proxyPort > 0 ? [proxyPort] : [])];
  const endpoints = probedContainers(pod).flatMap(({ container, path }) =>
    kinds.flatMap((kind) => endpointOf(container[kind], ports, field(path, kind))),
  );
  return { port, endpoints };
}

/** A container, and where it stands in its pod. */
interface PlacedContainer {
  readonly container: Container;
  readonly path: string;
}

/** All but the sidecar, and those that ran before it; what runs beside it as a native sidecar does count. */
function probedContainers({ spec }: Pod): readonly PlacedContainer[] {
  const sidecar = spec.initContainers.findIndex(isSidecar);
  const later = placed(spec.initContainers, 'spec.initContainers').filter(
    ({ container }, position) => sidecar !== -1 && position > sidecar && container.restartPolicy === 'Always',
  );
  const own = placed(spec.containers, 'spec.containers');
  return [...later, ...own].filter(({ container }) => !isSidecar(container));
}

function placed(containers: readonly Container[], path: string): readonly PlacedContainer[] {
  return containers.map((container, position) => ({ container, path: index(path, position) }));
}

function isSidecar({ name }: Container): boolean {
  return name === sidecarContainerName;
}

function endpointOf(
  probe: Probe | undefined,
  ports: readonly number[],
  fieldPath: string,
): readonly Endpoint[] {
  if (probe?.httpGet === undefined) {
    return [];
  }
  const { path } = probe.httpGet;
  const port = portNumber(probe.httpGet.port);
  if (!ports.includes(port)) {
    throw refusal(fieldPath, `probe's port ${port} should be equal to virtual port ${ports[0]}`);
  }
  const [root, inboundPort, ...rest] = path.split('/');
  if (root !== '' || inboundPort === undefined) {
    throw refusal(fieldPath, "not enough segments in probe's path");
  }
  if (inboundPort === 'tcp' || inboundPort === 'grpc') {
    // The sidecar's proxy of probes answers these by itself.
    return [];
  }
  if (!/^\d{1,5}$/.test(inboundPort)) {
    throw refusal(fieldPath, `invalid port value ${inboundPort}`);
  }
  return [{ inboundPort: Number(inboundPort), inboundPath: `/${rest.join('/')}`, path }];
}

/** A name stands for no port: the injector has resolved names. */
function portNumber(port: number | string | undefined): number {
  return typeof port === 'string' ? (/^\d{1,5}$/.test(port) ? Number(port) : 0) : (port ?? 0);
}

function refusal(path: string, reason: string): KumulusError {
  const message = `unable to convert virtual probe to real: ${reason}`;
  return new KumulusError('invalid', message, { violations: [{ field: path, message }] });
}
