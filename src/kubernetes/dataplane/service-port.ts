import type { Container, Pod, ServicePort } from './objects.ts';

/** Where a port of a service leads to in a pod. */
export interface TargetPort {
  readonly port: number;
  /** Empty where the pod's containers give it none. */
  readonly name: string;
  /** The container that lists it; undefined where none does, for a list of ports in a container is information only. */
  readonly container: Container | undefined;
}

/**
 * Finds what a port of a service leads to. A name has to be one of a container's ports; a number needs not, and is the
 * service's own port where there is none, as Kubernetes documents `targetPort`.
 *
 * @returns undefined where no container has a port of that name.
 */
export function findTargetPort(pod: Pod, servicePort: ServicePort): TargetPort | undefined {
  const target = servicePort.targetPort || servicePort.port;
  const protocol = servicePort.protocol || 'TCP';
  for (const container of pod.spec.containers) {
    for (const { name, containerPort, ...listed } of container.ports) {
      const matches = typeof target === 'number' ? containerPort === target : name === target;
      if (matches && (listed.protocol || 'TCP') === protocol) {
        return { port: containerPort, name, container };
      }
    }
  }
  return typeof target === 'number' ? { port: target, name: '', container: undefined } : undefined;
}
