import { type AnnotationReader, type Annotations, annotation, readAnnotations } from '../annotations.ts';
import { probeAnnotations } from './probe-annotations.ts';
import type { InjectionTarget, InjectorSettings } from './settings.ts';

/**
 * What injection writes into a pod's annotations: how its traffic is redirected, which CNI's plugin and the Dataplane are made by.
 *
 * @param own those that the pod came with.
 * @throws KumulusError `invalid` for one of them that has another form.
 */
export function injectedAnnotations(own: Annotations, target: InjectionTarget): Annotations {
  const { settings, adminPort } = target;
  const { sidecarContainer, sidecarTraffic } = settings;
  const pod = readAnnotations(own);
  return {
    [annotation.sidecarInjected]: 'true',
    [annotation.transparentProxying]: 'enabled',
    [annotation.sidecarUid]: String(sidecarContainer.uid),
    [annotation.transparentProxyingOutboundPort]: String(sidecarContainer.redirectPortOutbound),
    [annotation.transparentProxyingInboundPort]: String(sidecarContainer.redirectPortInbound),
    ...(settings.cniEnabled && { [annotation.cniNetworks]: 'kuma-cni' }),
    ...ebpfAnnotations(pod, settings),
    ...dnsAnnotations(pod, settings),
    ...probeAnnotations(pod, settings),
    ...texts(pod, {
      [annotation.excludeInboundPorts]: sidecarTraffic.excludeInboundPorts.join(','),
      [annotation.excludeOutboundPorts]: sidecarTraffic.excludeOutboundPorts.join(','),
      [annotation.excludeInboundIps]: sidecarTraffic.excludeInboundIPs.join(','),
      [annotation.excludeOutboundIps]: sidecarTraffic.excludeOutboundIPs.join(','),
    }),
    [annotation.transparentProxyingIpFamilyMode]:
      (pod.text(annotation.transparentProxyingIpFamilyMode) ?? sidecarContainer.ipFamilyMode) || 'dualstack',
    [annotation.envoyAdminPort]: String(pod.uint32(annotation.envoyAdminPort) ?? adminPort),
  };
}

/** Texts that the pod says, or the settings; none where they are empty. */
function texts(pod: AnnotationReader, defaults: Annotations): Annotations {
  const found = Object.entries(defaults).map(([name, text]) => [name, pod.text(name) ?? text] as const);
  return Object.fromEntries(found.filter(([, text]) => text !== ''));
}

function dnsAnnotations(pod: AnnotationReader, { builtinDNS }: InjectorSettings): Annotations {
  if (!(pod.enabled(annotation.builtinDns) ?? builtinDNS.enabled)) return {};
  return {
    [annotation.builtinDns]: 'enabled',
    [annotation.builtinDnsPort]: String(pod.uint32(annotation.builtinDnsPort) ?? builtinDNS.port),
    [annotation.builtinDnsLogging]: String(pod.enabled(annotation.builtinDnsLogging) ?? builtinDNS.logging),
  };
}

function ebpfAnnotations(pod: AnnotationReader, { ebpf }: InjectorSettings): Annotations {
  if (!(pod.enabled(annotation.ebpf) ?? ebpf.enabled)) return {};
  return {
    [annotation.ebpf]: 'enabled',
    ...texts(pod, {
      [annotation.ebpfBpfFsPath]: ebpf.bpffsPath,
      [annotation.ebpfCgroupPath]: ebpf.cgroupPath,
      [annotation.ebpfTcAttachInterface]: ebpf.tcAttachIface,
      [annotation.ebpfProgramsSourcePath]: ebpf.programsSourcePath,
      // As in Kuma the setting names the variable of the init container, and only the annotation its use.
      [annotation.ebpfInstanceIpEnvVarName]: '',
    }),
  };
}
