import { describe, expect, it } from 'vitest';
import { type Container, type Namespace, type Pod, podSchema } from '../pod.ts';
import { injectSidecar } from './inject.ts';
import { type ContainerPatch, defaultInjectorSettings, type InjectionTarget } from './settings.ts';

const enabled: Namespace = { labels: { 'kuma.io/sidecar-injection': 'enabled' } };

const target: InjectionTarget = {
  settings: defaultInjectorSettings,
  controlPlaneUrl: 'https://acme.mesh.example.com:5678',
  controlPlaneCaCert: '',
  adminPort: 9901,
  sidecarContainers: false,
  containerPatches: new Map(),
  hasMesh: () => true,
};

const withSettings = (settings: Partial<InjectionTarget['settings']>): InjectionTarget => ({
  ...target,
  settings: { ...defaultInjectorSettings, ...settings },
});

interface PodParts {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

function podOf({ annotations = {}, labels = {}, spec = {} }: PodParts = {}): Pod {
  return podSchema.parse({
    metadata: { name: 'orders', labels, annotations },
    spec: { containers: [{ name: 'app', image: 'orders:1' }], ...spec },
  });
}

function inject(parts: PodParts, by: InjectionTarget = target, namespace: Namespace = enabled): Pod {
  return injectSidecar(podOf(parts), namespace, by);
}

function containerOf({ spec }: Pod, name: string): Container | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find((each) => each.name === name);
}

const names = (containers: readonly Container[] = []) => containers.map(({ name }) => name);

/** What the sidecar's environment has under a name; empty where it has the name alone. */
function variable(pod: Pod, name: string): unknown {
  const found = containerOf(pod, 'kuma-sidecar')?.env?.find((each) => each.name === name);
  return found === undefined ? undefined : (found.value ?? '');
}

describe('a pod gets a sidecar', () => {
  it.each<[boolean, string | undefined, string | undefined]>([
    [false, undefined, undefined],
    [true, undefined, 'enabled'],
    [true, undefined, 'true'],
    [false, undefined, 'disabled'],
    [true, 'enabled', undefined],
    [true, 'enabled', 'disabled'],
    [false, 'disabled', 'enabled'],
    [false, 'false', 'enabled'],
  ])('%j: where its own label is %j and its namespace’s %j', (isInjected, own, inherited) => {
    const labelled = (value: string | undefined) =>
      value === undefined ? {} : { 'kuma.io/sidecar-injection': value };
    const pod = podOf({ labels: labelled(own) });
    const injected = injectSidecar(pod, { labels: labelled(inherited) }, target);
    expect(containerOf(injected, 'kuma-sidecar') !== undefined).toBe(isInjected);
    expect(injected === pod).toBe(!isInjected);
  });

  it.each<[string, PodParts]>([
    ['it has one', { spec: { containers: [{ name: 'kuma-sidecar' }] } }],
    [
      'it has a native one',
      { spec: { initContainers: [{ name: 'kuma-sidecar', restartPolicy: 'Always' }] } },
    ],
    ['its label is an exception', { labels: { 'openshift.io/build.name': 'any' } }],
  ])('not where %s', (_, parts) => {
    const pod = podOf(parts);
    expect(injectSidecar(pod, enabled, target)).toBe(pod);
  });

  it.each<[string, PodParts, Namespace]>([
    ['default', {}, {}],
    ['a', { labels: { 'kuma.io/mesh': 'a' }, annotations: { 'kuma.io/mesh': 'b' } }, {}],
    ['b', { labels: { 'kuma.io/mesh': '' }, annotations: { 'kuma.io/mesh': 'b' } }, {}],
    ['c', {}, { labels: { 'kuma.io/mesh': 'c' }, annotations: { 'kuma.io/mesh': 'd' } }],
    ['d', {}, { annotations: { 'kuma.io/mesh': 'd' } }],
  ])(
    'of the mesh %s, told by labels before annotations and the pod before its namespace',
    (mesh, parts, of) => {
      const pod = inject(parts, target, { ...of, labels: { ...enabled.labels, ...of.labels } });
      expect(pod.metadata.labels?.['kuma.io/mesh']).toBe(mesh);
      expect(variable(pod, 'KUMA_DATAPLANE_MESH')).toBe(mesh);
    },
  );
});

describe('what cannot be injected is refused, with the field', () => {
  const annotated = (name: string) => `metadata.annotations["kuma.io/${name}"]`;

  it.each<[string, PodParts, string, string]>([
    [
      'a label that is neither enabled nor disabled',
      { labels: { 'kuma.io/sidecar-injection': 'maybe' } },
      'metadata.labels["kuma.io/sidecar-injection"]',
      'annotation "kuma.io/sidecar-injection" has wrong value "maybe"',
    ],
    [
      'a mesh that there is not',
      { labels: { 'kuma.io/mesh': 'none' } },
      'metadata.labels["kuma.io/mesh"]',
      'there is no mesh "none" for the pod to join',
    ],
    [
      'a container that runs as the sidecar',
      { spec: { containers: [{ name: 'app', securityContext: { runAsUser: 5678 } }, { name: 'other' }] } },
      'spec.containers[0].securityContext.runAsUser',
      'containers using same UID as sidecar is unsupported: ["app"]',
    ],
    [
      'a volume that there is not',
      { annotations: { 'kuma.io/service-account-token-volume': 'token' } },
      annotated('service-account-token-volume'),
      'volume (token) specified for kuma.io/service-account-token-volume but volume does not exist in pod spec',
    ],
    [
      'a patch that there is not',
      { annotations: { 'kuma.io/container-patches': 'one,two' } },
      annotated('container-patches'),
      'it appears some expected container patches are missing: ["one" "two"]',
    ],
    [
      'a gateway with virtual probes',
      { annotations: { 'kuma.io/gateway': 'enabled', 'kuma.io/virtual-probes': 'enabled' } },
      annotated('virtual-probes'),
      "virtual probes can't be enabled in gateway mode",
    ],
    [
      'a gateway with a proxy of probes',
      { annotations: { 'kuma.io/gateway': 'enabled', 'kuma.io/application-probe-proxy-port': '9001' } },
      annotated('application-probe-proxy-port'),
      "application probe proxies probes can't be enabled in gateway mode",
    ],
    ...[
      ['sidecar-drain-time', '7d', 'time: unknown unit "d" in duration "7d"'],
      [
        'sidecar-env-vars',
        'A',
        'invalid format. Map in "kuma.io/sidecar-env-vars" has to be provided in the following format: key1=value1;key2=value2',
      ],
      ['gateway', 'builtin', 'annotation "kuma.io/gateway" has wrong value "builtin"'],
      ['init-first', 'x', 'annotation "kuma.io/init-first" has wrong value "x"'],
      ['builtin-dns', 'x', 'annotation "kuma.io/builtin-dns" has wrong value "x"'],
      ['wait-for-dataplane-ready', 'x', 'annotation "kuma.io/wait-for-dataplane-ready" has wrong value "x"'],
      [
        'transparent-proxying-ebpf',
        'x',
        'annotation "kuma.io/transparent-proxying-ebpf" has wrong value "x"',
      ],
    ].map(([name = '', value = '', message = '']): [string, PodParts, string, string] => [
      `${name}: ${value}`,
      { annotations: { [`kuma.io/${name}`]: value } },
      annotated(name),
      message,
    ]),
  ])('%s', (_, parts, field, message) => {
    const without = { ...target, hasMesh: (name: string) => name === 'default' };
    expect(() => inject(parts, without)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message,
        violations: [expect.objectContaining({ field })],
      }),
    );
  });

  it.each([80, 'http', '80'])('a probe of the port %j at which probes are served', (port) => {
    const container = {
      name: 'app',
      ports: [{ name: 'http', containerPort: 80 }],
      readinessProbe: { httpGet: { port } },
    };
    const parts = { annotations: { 'kuma.io/application-probe-proxy-port': '80' } };
    expect(() => inject({ ...parts, spec: { containers: [container] } })).toThrow(
      "cannot override Pod's probes. Port for probe cannot be set to 80.",
    );
  });
});

describe('the sidecar', () => {
  it.each<[string, string, string, unknown]>([
    ['sidecar-drain-time', '90s', 'KUMA_DATAPLANE_DRAIN_TIME', '1m30s'],
    ['envoy-log-level', 'debug', 'KUMA_DATAPLANE_RUNTIME_ENVOY_LOG_LEVEL', 'debug'],
    [
      'envoy-component-log-level',
      'http:debug',
      'KUMA_DATAPLANE_RUNTIME_ENVOY_COMPONENT_LOG_LEVEL',
      'http:debug',
    ],
    [
      'xds-transport-protocol-variant',
      'DELTA_GRPC',
      'KUMA_DATAPLANE_RUNTIME_ENVOY_XDS_TRANSPORT_PROTOCOL_VARIANT',
      'DELTA_GRPC',
    ],
    ['application-probe-proxy-port', '0', 'KUMA_APPLICATION_PROBE_PROXY_PORT', '0'],
    ['sidecar-env-vars', 'POD_NAME=fixed;A=', 'POD_NAME', 'fixed'],
    ['sidecar-env-vars', 'POD_NAME=fixed;A=', 'A', ''],
    ['gateway', 'enabled', 'KUMA_APPLICATION_PROBE_PROXY_PORT', '0'],
  ])('with kuma.io/%s: %s has %s', (name, value, variableName, expected) => {
    expect(variable(inject({ annotations: { [`kuma.io/${name}`]: value } }), variableName)).toBe(expected);
  });

  it('has the same environment as its settings say', () => {
    const { sidecarContainer, builtinDNS } = defaultInjectorSettings;
    const pod = inject(
      {},
      withSettings({
        sidecarContainer: {
          ...sidecarContainer,
          envVars: { KUMA_CONTROL_PLANE_URL: 'http://other', Z: '1' },
        },
        builtinDNS: { ...builtinDNS, experimentalProxy: false },
        unifiedResourceNamingEnabled: true,
        spire: { enabled: true, mountPath: '/run/spire' },
      }),
    );
    const env = containerOf(pod, 'kuma-sidecar')?.env ?? [];
    expect(env.map(({ name }) => name)).toEqual(env.map(({ name }) => name).toSorted());
    expect(Object.fromEntries(env.map(({ name, value }) => [name, value]))).toMatchObject({
      KUMA_CONTROL_PLANE_CA_CERT: undefined,
      KUMA_CONTROL_PLANE_URL: 'http://other',
      KUMA_DATAPLANE_RUNTIME_SPIRE_SUPPORTED: 'true',
      KUMA_DATAPLANE_RUNTIME_UNIFIED_RESOURCE_NAMING_ENABLED: 'true',
      KUMA_DNS_CORE_DNS_BINARY_PATH: 'coredns',
      KUMA_DNS_CORE_DNS_PORT: '15053',
      KUMA_DNS_ENVOY_DNS_PORT: '15055',
      Z: '1',
    });
    expect(pod.spec.volumes).toContainEqual({
      name: 'kuma-spire-agent-socket',
      csi: { driver: 'csi.spiffe.io', readOnly: true },
    });
  });

  it.each<[PodParts, string, readonly string[]]>([
    [{}, '1000m', ['--concurrency=2']],
    [{}, '3900m', ['--concurrency=3']],
    [{ annotations: { 'kuma.io/sidecar-proxy-concurrency': '7' } }, '1', ['--concurrency=7']],
    [{ annotations: { 'kuma.io/sidecar-proxy-concurrency': '0' } }, '1', []],
  ])('of %j and %s cores is started with %j', (parts, cpu, args) => {
    const { sidecarContainer } = defaultInjectorSettings;
    const resources = {
      ...sidecarContainer.resources,
      limits: { ...sidecarContainer.resources.limits, cpu },
    };
    const pod = inject(parts, withSettings({ sidecarContainer: { ...sidecarContainer, resources } }));
    expect(containerOf(pod, 'kuma-sidecar')?.args).toEqual(['run', '--log-level=info', ...args]);
  });

  it('is asked at Envoy’s admin port, and waited for, as annotations say', () => {
    const annotations = { 'kuma.io/envoy-admin-port': '19901', 'kuma.io/wait-for-dataplane-ready': 'true' };
    const sidecar = containerOf(inject({ annotations }), 'kuma-sidecar');
    expect(sidecar?.readinessProbe?.httpGet?.port).toBe(19_901);
    expect(sidecar?.lifecycle).toEqual({
      postStart: { exec: { command: ['kuma-dp', 'wait', '--url', 'http://localhost:19901/ready'] } },
    });
  });

  it('has the token’s volume that the pod names, and not the one of its service account', () => {
    const path = '/var/run/secrets/kubernetes.io/serviceaccount';
    const mount = { name: 'kube-api-access', mountPath: path, readOnly: true };
    const spec = {
      containers: [{ name: 'app', volumeMounts: [mount] }],
      volumes: [{ name: 'kube-api-access' }, { name: 'mesh-token', secret: { secretName: 'mesh' } }],
    };
    const mounts = (annotations: Record<string, string>) =>
      containerOf(inject({ annotations, spec }), 'kuma-sidecar')?.volumeMounts?.slice(1);
    expect(mounts({})).toEqual([mount]);
    expect(mounts({ 'kuma.io/service-account-token-volume': 'mesh-token' })).toEqual([
      { name: 'mesh-token', mountPath: path, readOnly: true },
    ]);
  });
});

describe('containers stand', () => {
  const spec = { containers: [{ name: 'app' }], initContainers: [{ name: 'own' }] };
  const first = { 'kuma.io/init-first': 'true' };

  it.each<[string, Partial<InjectionTarget>, Record<string, string>, readonly string[], readonly string[]]>([
    ['as a sidecar', {}, {}, ['own', 'kuma-init'], ['kuma-sidecar', 'app']],
    ['with init-first', {}, first, ['kuma-init', 'own'], ['kuma-sidecar', 'app']],
    ['as a native sidecar', { sidecarContainers: true }, {}, ['kuma-init', 'kuma-sidecar', 'own'], ['app']],
    ['with CNI', withSettings({ cniEnabled: true }), {}, ['own', 'kuma-validation'], ['kuma-sidecar', 'app']],
    [
      'of a gateway with CNI',
      withSettings({ cniEnabled: true }),
      { 'kuma.io/gateway': 'enabled' },
      ['own'],
      ['kuma-sidecar', 'app'],
    ],
  ])('%s', (_, by, annotations, initContainers, containers) => {
    const pod = inject({ annotations, spec }, { ...target, ...by });
    expect(names(pod.spec.initContainers)).toEqual(initContainers);
    expect(names(pod.spec.containers)).toEqual(containers);
    expect(pod.metadata.annotations?.['kubectl.kubernetes.io/default-container']).toBe('app');
  });

  it('with a native sidecar that stays, drains when it is to stop and says when it has started', () => {
    const native = containerOf(inject({}, { ...target, sidecarContainers: true }), 'kuma-sidecar');
    expect(native).toMatchObject({
      restartPolicy: 'Always',
      lifecycle: { preStop: { exec: { command: ['killall', '-USR2', 'kuma-dp'] } } },
      startupProbe: { httpGet: { path: '/ready', port: 9901 }, successThreshold: 1 },
    });
  });
});

it('takes numbers and booleans for the texts that manifests mean by them', () => {
  const metadata = { annotations: { 'kuma.io/envoy-admin-port': 19_901, 'kuma.io/init-first': true } };
  const spec = { containers: [{ name: 'app', env: [{ name: 'PORT', value: 80 }] }] };
  const pod = injectSidecar(podSchema.parse({ metadata, spec }), enabled, target);
  expect(pod.metadata.annotations).toMatchObject({ 'kuma.io/envoy-admin-port': '19901' });
  expect(containerOf(pod, 'app')?.env).toEqual([{ name: 'PORT', value: '80' }]);
});

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

describe('probes', () => {
  const virtual = { 'kuma.io/application-probe-proxy-port': '0' };
  const probeOf = (annotations: Record<string, string>, readinessProbe: object): unknown => {
    const container = { name: 'app', ports: [{ name: 'http', containerPort: 8080 }], readinessProbe };
    return containerOf(inject({ annotations, spec: { containers: [container] } }), 'app')?.readinessProbe;
  };
  const header = (name: string, value: string) => ({ name: `X-Kuma-Probes-${name}`, value });

  it.each<[string, Record<string, string>, object, object]>([
    [
      'over HTTP go to the proxy',
      {},
      { httpGet: { path: 'ready', port: 'http' }, periodSeconds: 3 },
      { httpGet: { path: '/8080/ready', port: 9001 }, periodSeconds: 3 },
    ],
    [
      'over HTTP keep what they say in headers',
      {},
      {
        httpGet: {
          path: '/ready',
          port: 80,
          scheme: 'HTTPS',
          httpHeaders: [
            { name: 'A', value: '1' },
            { name: 'Host', value: 'shop' },
          ],
        },
        timeoutSeconds: 5,
      },
      {
        httpGet: {
          path: '/80/ready',
          port: 9001,
          httpHeaders: [
            { name: 'A', value: '1' },
            header('Host', 'shop'),
            header('Scheme', 'HTTPS'),
            header('Timeout', '5'),
          ],
        },
        timeoutSeconds: 5,
      },
    ],
    [
      'over TCP go to the proxy',
      {},
      { tcpSocket: { port: 'http' }, timeoutSeconds: 2 },
      {
        httpGet: { path: '/tcp/8080', port: 9001, httpHeaders: [header('Timeout', '2')] },
        timeoutSeconds: 2,
      },
    ],
    [
      'over gRPC go to the proxy',
      {},
      { grpc: { port: 50_051, service: 'orders' } },
      { httpGet: { path: '/grpc/50051', port: 9001, httpHeaders: [header('GRPC-Service', 'orders')] } },
    ],
    ['that run a command stay', {}, { exec: { command: ['true'] } }, { exec: { command: ['true'] } }],
    [
      'become virtual where the proxy is off',
      virtual,
      { httpGet: { path: '/ready', port: 'http', scheme: 'HTTPS' } },
      { httpGet: { path: '/8080/ready', port: 9000, scheme: 'HTTPS' } },
    ],
    ['over TCP never become virtual', virtual, { tcpSocket: { port: 80 } }, { tcpSocket: { port: 80 } }],
    [
      'of a gateway stay',
      { 'kuma.io/gateway': 'enabled' },
      { httpGet: { path: '/ready', port: 80 } },
      { httpGet: { path: '/ready', port: 80 } },
    ],
  ])('%s', (_, annotations, probe, expected) => {
    expect(probeOf(annotations, probe)).toEqual(expected);
  });

  it('are those of init containers, too, where they stay and start after the sidecar', () => {
    const readinessProbe = { tcpSocket: { port: 80 } };
    const initContainers = [
      { name: 'once', readinessProbe },
      { name: 'stays', restartPolicy: 'Always', readinessProbe },
    ];
    const pod = inject({ spec: { initContainers } }, { ...target, sidecarContainers: true });
    expect(containerOf(pod, 'once')?.readinessProbe).toEqual(readinessProbe);
    expect(containerOf(pod, 'stays')?.readinessProbe).toEqual({ httpGet: { path: '/tcp/80', port: 9001 } });
  });
});

describe('patches of containers', () => {
  const patched = (patch: ContainerPatch) =>
    inject(
      { annotations: { 'kuma.io/container-patches': 'mine' } },
      { ...target, containerPatches: new Map([['mine', patch]]) },
    );

  it('change the sidecar and the init container, those of all pods first', () => {
    const of = (value: string): ContainerPatch => ({
      sidecarPatch: [{ op: 'add', path: '/stdin', value }],
      initPatch: [{ op: 'replace', path: '/image', value: `"init:${value}"` }],
    });
    const containerPatches = new Map([
      ['all', of('true')],
      ['mine', of('false')],
    ]);
    const by = { ...withSettings({ containerPatches: ['all'] }), containerPatches };
    const pod = inject({ annotations: { 'kuma.io/container-patches': 'mine' } }, by);
    expect(containerOf(pod, 'kuma-sidecar')?.stdin).toBe(false);
    expect(containerOf(pod, 'kuma-init')?.image).toBe('init:false');
    expect(containerOf(inject({}, by), 'kuma-init')?.image).toBe('init:true');
  });

  it.each<[string, ContainerPatch, string]>([
    [
      'does not apply',
      { sidecarPatch: [{ op: 'remove', path: '/nothing' }] },
      'there is nothing at /nothing',
    ],
    [
      'is no JSON',
      { initPatch: [{ op: 'add', path: '/image', value: 'plain' }] },
      'the value for /image is not JSON',
    ],
    [
      'leaves no container',
      { sidecarPatch: [{ op: 'replace', path: '/args', value: '"run"' }] },
      'args: Invalid input',
    ],
    ['takes the name away', { sidecarPatch: [{ op: 'remove', path: '/name' }] }, 'name: Invalid input'],
    ['is of no kind', { sidecarPatch: [{ op: 'test', path: '/name' }] }, 'the operation "test" is none of'],
  ])('are refused where one %s', (_, patch, message) => {
    expect(() => patched(patch)).toThrow(`could not apply patches ["mine"]: ${message}`);
  });
});
