import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { injectSidecar } from '../../src/kubernetes/injector/inject.ts';
import type {
  ContainerPatch,
  InjectionTarget,
  InjectorSettings,
} from '../../src/kubernetes/injector/settings.ts';
import { applyJsonPatch } from '../../src/kubernetes/json-patch/apply.ts';
import { jsonPatchBetween } from '../../src/kubernetes/json-patch/difference.ts';
import { isJsonObject } from '../../src/kubernetes/json-patch/operation.ts';
import { podSchema } from '../../src/kubernetes/pod.ts';
import { withoutNulls } from '../../src/kubernetes/without-nulls.ts';
import { recordingsFolder } from '../support/recording.ts';

const recordings = recordingsFolder();
const folder = join(recordings ?? '', 'kubernetes/inject');

const probe = { initialDelaySeconds: 0, timeoutSeconds: 0, periodSeconds: 0, failureThreshold: 0 };
/** The cases leave out what they do not set, and mean nothing by it, not the default. */
const nothing: InjectorSettings = {
  sidecarContainer: {
    image: '',
    uid: 0,
    gid: 0,
    drainTime: '0s',
    readinessProbe: { ...probe, successThreshold: 0 },
    livenessProbe: probe,
    startupProbe: probe,
    resources: { requests: { cpu: '0', memory: '0' }, limits: { cpu: '0', memory: '0' } },
    envVars: {},
    redirectPortInbound: 0,
    redirectPortOutbound: 0,
    ipFamilyMode: '',
    waitForDataplaneReady: false,
  },
  initContainer: { image: '' },
  containerPatches: [],
  cniEnabled: false,
  virtualProbesEnabled: false,
  virtualProbesPort: 0,
  applicationProbeProxyPort: 0,
  sidecarTraffic: {
    excludeInboundPorts: [],
    excludeOutboundPorts: [],
    excludeInboundIPs: [],
    excludeOutboundIPs: [],
  },
  exceptions: { labels: {} },
  builtinDNS: { enabled: false, port: 0, logging: false, experimentalProxy: false },
  ebpf: {
    enabled: false,
    instanceIPEnvVarName: '',
    bpffsPath: '',
    cgroupPath: '',
    tcAttachIface: '',
    programsSourcePath: '',
  },
  unifiedResourceNamingEnabled: false,
  spire: { enabled: false, mountPath: '' },
};

/** What the recordings' README says of the one patch that pods name. */
const patches = new Map<string, ContainerPatch>([
  [
    'container-patch-1',
    {
      sidecarPatch: [
        { op: 'add', path: '/securityContext/privileged', value: 'false' },
        {
          op: 'add',
          path: '/volumeMounts/-',
          value: JSON.stringify({
            mountPath: '/var/run/secrets/kubernetes.io/serviceaccount/',
            name: '{{ template "kong.serviceAccountTokenName" . }}',
            readOnly: true,
          }),
        },
      ],
      initPatch: [{ op: 'remove', path: '/securityContext/runAsUser' }],
    },
  ],
]);

/** An object with what another one sets, at any depth. */
function overlaid<T>(base: T, overlay: unknown): T {
  if (!isJsonObject(base) || !isJsonObject(overlay)) return overlay === undefined ? base : (overlay as T);
  const entries = Object.entries(overlay).map(([name, value]) => [name, overlaid(base[name], value)]);
  return { ...base, ...Object.fromEntries(entries) };
}

const names =
  recordings === undefined || !existsSync(folder)
    ? []
    : readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);

describe.skipIf(names.length === 0)('pods come out as from Kuma’s injector', () => {
  it.each(
    names.flatMap((name) => [
      { name, file: 'expected.yaml', sidecarContainers: false },
      { name, file: 'expected.sidecar-containers.yaml', sidecarContainers: true },
    ]),
  )('$name: $file', ({ name, file, sidecarContainers }) => {
    const read = (part: string): unknown => parse(readFileSync(join(folder, name, part), 'utf8'));
    const pod = withoutNulls(read('pod.yaml'));
    const { metadata: namespace } = Object(read('namespace.yaml'));
    const { metadata: mesh } = Object(read('mesh.yaml'));
    const target: InjectionTarget = {
      settings: overlaid(nothing, read('config.yaml')),
      controlPlaneUrl: 'http://kuma-control-plane.kuma-system:5681',
      controlPlaneCaCert: readFileSync(join(folder, 'ca.pem'), 'utf8'),
      adminPort: 9901,
      sidecarContainers,
      containerPatches: patches,
      hasMesh: (asked) => asked === mesh.name,
    };
    const injected = injectSidecar(podSchema.parse(pod), namespace, target);
    expect(injected).toEqual(withoutNulls(read(file)));
    // What the webhook answers with makes the same of it.
    expect(applyJsonPatch(pod, jsonPatchBetween(pod, injected))).toEqual(injected);
  });
});
