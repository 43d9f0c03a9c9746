import { describe, expect, it } from 'vitest';
import { containerOf, inject, withSettings } from './inject.fixture.ts';
import { defaultInjectorSettings, type InjectionTarget } from './settings.ts';

describe('traffic is redirected', () => {
  const argumentsOf = (annotations: Record<string, string>, by?: InjectionTarget) =>
    containerOf(inject({ annotations }, by), 'kuma-init')?.args;
  const dns = '--redirect-all-dns-traffic';
  const probes = '--exclude-inbound-ports=9001';

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['as unless told', {}, [probes, dns, '--verbose']],
    [
      'but for what annotations exclude',
      {
        'traffic.kuma.io/exclude-inbound-ports': '80,81',
        'traffic.kuma.io/exclude-inbound-ips': ' 10.0.0.1 ,, 10.0.0.2',
        'traffic.kuma.io/exclude-outbound-ports': '90',
        'traffic.kuma.io/exclude-outbound-ips': '10.1.0.0/16',
        'traffic.kuma.io/exclude-outbound-ports-for-uids': 'tcp:53:1000;udp:53:1000',
      },
      [
        '--exclude-outbound-ports=90',
        '--exclude-outbound-ips=10.1.0.0/16',
        '--exclude-outbound-ports-for-uids=tcp:53:1000',
        '--exclude-outbound-ports-for-uids=udp:53:1000',
        '--exclude-inbound-ports=80,81,9001',
        '--exclude-inbound-ips=10.0.0.1,10.0.0.2',
        dns,
        '--verbose',
      ],
    ],
    [
      'of a gateway only outbound',
      { 'kuma.io/gateway': 'true' },
      ['--redirect-inbound=false', dns, '--verbose'],
    ],
    [
      'with flags',
      {
        'kuma.io/transparent-proxying-ip-family-mode': 'ipv4',
        'kuma.io/builtin-dns-port': '25053',
        'traffic.kuma.io/drop-invalid-packets': 'yes',
        'traffic.kuma.io/iptables-logs': 'true',
      },
      [
        '--ip-family-mode=ipv4',
        probes,
        dns,
        '--redirect-dns-port=25053',
        '--drop-invalid-packets',
        '--iptables-logs',
        '--verbose',
      ],
    ],
    ['without DNS', { 'kuma.io/builtin-dns': 'disabled' }, [probes, '--verbose']],
    [
      'by eBPF',
      {
        'kuma.io/transparent-proxying-ebpf': 'enabled',
        'kuma.io/transparent-proxying-ebpf-instance-ip-env-var-name': 'IP',
      },
      [
        probes,
        dns,
        '--ebpf-enabled',
        '--ebpf-bpffs-path=/sys/fs/bpf',
        '--ebpf-cgroup-path=/sys/fs/cgroup',
        '--ebpf-programs-source-path=/tmp/kuma-ebpf',
        '--ebpf-instance-ip=$(IP)',
        '--verbose',
      ],
    ],
  ])('%s', (_, annotations, expected) => {
    expect(argumentsOf(annotations)).toEqual(expected);
  });

  it('to the ports of the settings, whatever annotations say', () => {
    const { sidecarContainer } = defaultInjectorSettings;
    const by = withSettings({
      sidecarContainer: {
        ...sidecarContainer,
        uid: 1234,
        redirectPortInbound: 16_006,
        redirectPortOutbound: 16_001,
      },
    });
    expect(argumentsOf({ 'kuma.io/transparent-proxying-inbound-port': '1' }, by)).toEqual([
      '--kuma-dp-user=1234',
      '--redirect-outbound-port=16001',
      '--redirect-inbound-port=16006',
      probes,
      dns,
      '--verbose',
    ]);
  });

  it('by an init container with what eBPF needs', () => {
    const { ebpf } = defaultInjectorSettings;
    const pod = inject({}, withSettings({ ebpf: { ...ebpf, enabled: true } }));
    expect(containerOf(pod, 'kuma-init')).toMatchObject({
      env: [{ name: 'INSTANCE_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
      securityContext: { privileged: true, capabilities: {} },
      resources: { limits: { memory: '80M' } },
      volumeMounts: [
        { name: 'kuma-init-tmp' },
        { name: 'sys-fs-cgroup', mountPath: '/sys/fs/cgroup' },
        { name: 'bpf-fs', mountPath: '/sys/fs/bpf', mountPropagation: 'Bidirectional' },
      ],
    });
    expect(pod.spec.volumes?.slice(-2)).toEqual([
      { name: 'sys-fs-cgroup', hostPath: { path: '/sys/fs/cgroup' } },
      { name: 'bpf-fs', hostPath: { path: '/sys/fs/bpf' } },
    ]);
  });
});
