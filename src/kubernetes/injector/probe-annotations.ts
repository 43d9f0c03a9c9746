import { KumulusError } from '../../model/errors.ts';
import { key } from '../../model/violations.ts';
import { type AnnotationReader, type Annotations, annotation } from '../annotations.ts';
import type { InjectorSettings } from './settings.ts';

/**
 * How the kubelet's probes reach the pod's containers around mTLS: by virtual probes, which Envoy serves, or by kuma-dp's proxy of
 * application probes, which also takes TCP and gRPC. Gateways have neither.
 *
 * @throws KumulusError `invalid` for annotations that have another form or contradict each other.
 */
export function probeAnnotations(pod: AnnotationReader, settings: InjectorSettings): Annotations {
  return {
    [annotation.virtualProbes]: usesVirtualProbes(pod, settings) ? 'enabled' : 'disabled',
    [annotation.virtualProbesPort]: String(
      pod.uint32(annotation.virtualProbesPort) ?? settings.virtualProbesPort,
    ),
    [annotation.applicationProbeProxyPort]: String(applicationProbeProxyPort(pod, settings)),
  };
}

function usesVirtualProbes(pod: AnnotationReader, settings: InjectorSettings): boolean {
  const asked = pod.enabled(annotation.virtualProbes);
  if (pod.enabled(annotation.gateway) === true) {
    if (asked === true) throw notOfGateways(annotation.virtualProbes, "virtual probes can't be enabled");
    return false;
  }
  // Who turns the proxy off gets virtual probes instead, whatever the other annotation says.
  const isProxyOff = pod.uint32(annotation.applicationProbeProxyPort) === 0;
  return isProxyOff || (asked ?? settings.virtualProbesEnabled);
}

/** Where kuma-dp answers for the application's probes; 0 where it does not. */
export function applicationProbeProxyPort(pod: AnnotationReader, settings: InjectorSettings): number {
  const asked = pod.uint32(annotation.applicationProbeProxyPort);
  // Whatever the annotation says: as in Kuma it is enough that it is there.
  if (pod.text(annotation.gateway) !== undefined) {
    if (asked !== undefined && asked > 0) {
      throw notOfGateways(
        annotation.applicationProbeProxyPort,
        "application probe proxies probes can't be enabled",
      );
    }
    return 0;
  }
  return asked ?? settings.applicationProbeProxyPort;
}

function notOfGateways(name: string, what: string): KumulusError {
  const message = `${what} in gateway mode`;
  return new KumulusError('invalid', message, {
    violations: [{ field: key('metadata.annotations', name), message }],
  });
}
