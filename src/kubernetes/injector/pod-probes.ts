import { annotation, readAnnotations } from '../annotations.ts';
import { type Container, type Pod, type Probe, sidecarContainerName } from '../pod.ts';
import { type PortNames, portNamesOf } from './probe-ports.ts';
import { proxiedProbe } from './proxied-probes.ts';
import { virtualProbe, withProbes } from './virtual-probes.ts';

/**
 * A pod whose probes reach its containers around mTLS, by the way that its annotations say (those that injection has written). Of the init
 * containers those are asked that stay and start after the sidecar.
 *
 * @throws KumulusError `invalid` where an application has the port that probes are served at.
 */
export function withPodProbes(pod: Pod): Pod {
  const change = probeChange(pod);
  if (change === undefined) return pod;
  const changed = (container: Container) => {
    const names = portNamesOf(container);
    return withProbes(container, (probe) => change(probe, names));
  };
  const { containers, initContainers } = pod.spec;
  const sidecar = initContainers?.findIndex(({ name }) => name === sidecarContainerName) ?? -1;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      // Envoy's own probes are asked at a port without mTLS.
      containers: containers.map((each) => (each.name === sidecarContainerName ? each : changed(each))),
      ...(initContainers && {
        initContainers: initContainers.map((each, position) =>
          sidecar >= 0 && position > sidecar && each.restartPolicy === 'Always' ? changed(each) : each,
        ),
      }),
    },
  };
}

function probeChange(pod: Pod): ((probe: Probe, names: PortNames) => Probe) | undefined {
  const annotations = readAnnotations(pod.metadata.annotations);
  const proxyPort = annotations.uint32(annotation.applicationProbeProxyPort) ?? 0;
  if (proxyPort !== 0) return (probe, names) => proxiedProbe(probe, proxyPort, names);
  if (annotations.enabled(annotation.virtualProbes) !== true) return undefined;
  const virtualPort = annotations.uint32(annotation.virtualProbesPort) ?? 0;
  return (probe, names) => virtualProbe(probe, virtualPort, names);
}
