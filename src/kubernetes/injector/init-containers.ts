import { type Annotations, annotation, readAnnotations } from '../annotations.ts';
import { type Container, initContainerName, validationContainerName } from '../pod.ts';
import { redirectArguments } from './redirect-arguments.ts';
import type { InjectorSettings } from './settings.ts';

const resources = { limits: { cpu: '100m', memory: '50M' }, requests: { cpu: '20m', memory: '20M' } };

/**
 * What prepares the pod before its containers start: the container that redirects traffic into Envoy, or, where Kuma's CNI plugin does that,
 * the one that looks whether it did; none where inbound traffic is not redirected then.
 *
 * @param annotations the pod's, with those that injection has written.
 * @throws KumulusError `invalid` for one that has another form.
 */
export function preparation(annotations: Annotations, settings: InjectorSettings): Container | undefined {
  // Read also where nothing is called with them, so that what has another form is refused with CNI as well.
  const redirection = redirectArguments(annotations);
  if (!settings.cniEnabled) return initContainer(redirection, settings);
  const isGateway = readAnnotations(annotations).enabled(annotation.gateway) === true;
  return isGateway ? undefined : validationContainer(annotations, settings);
}

function initContainer(
  redirection: readonly string[],
  { initContainer: { image }, ebpf }: InjectorSettings,
): Container {
  return {
    name: initContainerName,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/kumactl', 'install', 'transparent-proxy'],
    args: [...redirection],
    env: ebpf.enabled
      ? [{ name: ebpf.instanceIPEnvVarName, valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }]
      : // iptables wants to write its lock, and the container's own files are read only.
        [{ name: 'XTABLES_LOCKFILE', value: '/tmp/xtables.lock' }],
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      readOnlyRootFilesystem: true,
      ...(ebpf.enabled
        ? { capabilities: {}, privileged: true }
        : { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] } }),
    },
    resources: ebpf.enabled ? { ...resources, limits: { cpu: '100m', memory: '80M' } } : resources,
    volumeMounts: [
      { name: 'kuma-init-tmp', mountPath: '/tmp' },
      ...(ebpf.enabled
        ? [
            { name: 'sys-fs-cgroup', mountPath: ebpf.cgroupPath },
            { name: 'bpf-fs', mountPath: ebpf.bpffsPath, mountPropagation: 'Bidirectional' },
          ]
        : []),
    ],
  };
}

function validationContainer(
  annotations: Annotations,
  { initContainer: { image }, sidecarContainer: { uid, gid } }: InjectorSettings,
): Container {
  const pod = readAnnotations(annotations);
  const mode = pod.text(annotation.transparentProxyingIpFamilyMode) || 'dualstack';
  const port = pod.uint32(annotation.transparentProxyingInboundPort) ?? 15_006;
  return {
    name: validationContainerName,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/kumactl', 'install', 'transparent-proxy-validator'],
    args: ['--config-file=/tmp/.kumactl', `--ip-family-mode=${mode}`, `--validation-server-port=${port}`],
    securityContext: {
      runAsUser: uid,
      runAsGroup: gid,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
    },
    resources,
    volumeMounts: [{ name: 'kuma-sidecar-tmp', mountPath: '/tmp' }],
  };
}
