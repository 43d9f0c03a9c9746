import { describe, expect, it } from 'vitest';
import { type Namespace, podSchema } from '../pod.ts';
import {
  containerOf,
  enabled,
  inject,
  names,
  type PodParts,
  podOf,
  target,
  variable,
  withSettings,
} from './inject.fixture.ts';
import { injectSidecar } from './inject.ts';
import { type ContainerPatch, defaultInjectorSettings, type InjectionTarget } from './settings.ts';

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
