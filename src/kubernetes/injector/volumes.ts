import { annotation, readAnnotations } from '../annotations.ts';
import type { Pod, Volume } from '../pod.ts';
import type { InjectorSettings } from './settings.ts';

/** The volumes of Kuma's containers. */
export function injectedVolumes(pod: Pod, { spire, ebpf }: InjectorSettings): readonly Volume[] {
  const usesSpire =
    readAnnotations(pod.metadata.annotations).enabled(annotation.spireSupport) ?? spire.enabled;
  return [
    { name: 'kuma-init-tmp', emptyDir: { sizeLimit: '10M' } },
    { name: 'kuma-sidecar-tmp', emptyDir: { sizeLimit: '10M' } },
    ...(usesSpire
      ? [{ name: 'kuma-spire-agent-socket', csi: { driver: 'csi.spiffe.io', readOnly: true } }]
      : []),
    ...(ebpf.enabled
      ? [
          { name: 'sys-fs-cgroup', hostPath: { path: ebpf.cgroupPath } },
          { name: 'bpf-fs', hostPath: { path: ebpf.bpffsPath } },
        ]
      : []),
  ];
}
