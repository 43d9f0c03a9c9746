import { type Annotations, annotation, readAnnotations } from '../annotations.ts';

/**
 * What `kumactl install transparent-proxy` is called with in the init container. Only what differs from its own defaults is said.
 *
 * @param annotations the pod's, with those that injection has written.
 * @throws KumulusError `invalid` for one that has another form.
 */
export function redirectArguments(annotations: Annotations): readonly string[] {
  const pod = readAnnotations(annotations);
  const text = (name: string) => pod.text(name) ?? '';
  const port = (flag: string, name: string, standard: number) => {
    const value = pod.uint32(name) ?? 0;
    return value === standard || value === 0 ? [] : [`--${flag}=${value}`];
  };
  const uid = text(annotation.sidecarUid);
  const ipFamilyMode = pod.text(annotation.transparentProxyingIpFamilyMode) ?? 'dualstack';
  const uids = pod.text(annotation.excludeOutboundPortsForUids)?.split(';') ?? [];
  const dns = pod.enabled(annotation.builtinDns) === true;
  return [
    ...flag('kuma-dp-user', uid === '5678' ? '' : uid),
    ...flag('ip-family-mode', ipFamilyMode === 'dualstack' ? '' : ipFamilyMode),
    ...port('redirect-outbound-port', annotation.transparentProxyingOutboundPort, 15_001),
    ...flag('exclude-outbound-ports', text(annotation.excludeOutboundPorts)),
    ...flag('exclude-outbound-ips', addresses(text(annotation.excludeOutboundIps))),
    ...uids.flatMap((value) => flag('exclude-outbound-ports-for-uids', value)),
    ...(pod.enabled(annotation.gateway) === true
      ? ['--redirect-inbound=false']
      : [
          ...port('redirect-inbound-port', annotation.transparentProxyingInboundPort, 15_006),
          ...flag('exclude-inbound-ports', excludedInboundPorts(text)),
          ...flag('exclude-inbound-ips', addresses(text(annotation.excludeInboundIps))),
        ]),
    ...(dns
      ? ['--redirect-all-dns-traffic', ...port('redirect-dns-port', annotation.builtinDnsPort, 15_053)]
      : []),
    ...ebpfArguments(pod.enabled(annotation.ebpf) === true, text),
    ...(isTrue(annotations, annotation.dropInvalidPackets) ? ['--drop-invalid-packets'] : []),
    ...(isTrue(annotations, annotation.iptablesLogs) ? ['--iptables-logs'] : []),
    '--verbose',
  ];
}

function ebpfArguments(enabled: boolean, text: (name: string) => string): readonly string[] {
  if (!enabled) return [];
  const variable = text(annotation.ebpfInstanceIpEnvVarName);
  return [
    '--ebpf-enabled',
    ...flag('ebpf-bpffs-path', text(annotation.ebpfBpfFsPath)),
    ...flag('ebpf-cgroup-path', text(annotation.ebpfCgroupPath)),
    ...flag('ebpf-tc-attach-iface', text(annotation.ebpfTcAttachInterface)),
    ...flag('ebpf-programs-source-path', text(annotation.ebpfProgramsSourcePath)),
    // Kubernetes puts in the variable's value.
    ...flag('ebpf-instance-ip', variable === '' ? '' : `$(${variable})`),
  ];
}

function flag(name: string, value: string): readonly string[] {
  return value === '' ? [] : [`--${name}=${value}`];
}

/** The kubelet must reach kuma-dp's proxy of probes. */
function excludedInboundPorts(text: (name: string) => string): string {
  const proxy = text(annotation.applicationProbeProxyPort);
  return [text(annotation.excludeInboundPorts), proxy === '0' ? '' : proxy]
    .filter((ports) => ports !== '')
    .join(',');
}

function addresses(list: string): string {
  return list
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
    .join(',');
}

/** These two are false where they have another form, as in Kuma. */
function isTrue(annotations: Annotations, name: string): boolean {
  return ['true', 'yes'].includes(readAnnotations(annotations).text(name) ?? '');
}
