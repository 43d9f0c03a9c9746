/** How a container is asked whether it works. Zero is left out, so Kubernetes' own default counts; all but the threshold in seconds. */
export interface ProbeTiming {
  readonly initialDelaySeconds: number;
  readonly timeoutSeconds: number;
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

/** What an operator decides of injection: `runtime.kubernetes.injector` of Kuma's configuration, with its names. */
export interface InjectorSettings {
  readonly sidecarContainer: {
    readonly image: string;
    readonly uid: number;
    readonly gid: number;
    /** How long listeners drain, in Go's notation. */
    readonly drainTime: string;
    readonly readinessProbe: ProbeTiming & { readonly successThreshold: number };
    readonly livenessProbe: ProbeTiming;
    /** Of native sidecars. */
    readonly startupProbe: ProbeTiming;
    /** Quantities of Kubernetes. */
    readonly resources: {
      readonly requests: { readonly cpu: string; readonly memory: string };
      readonly limits: { readonly cpu: string; readonly memory: string };
    };
    /** Beside Kuma's own, and before those of the pod's annotation. */
    readonly envVars: Readonly<Record<string, string>>;
    readonly redirectPortInbound: number;
    readonly redirectPortOutbound: number;
    /** `dualstack`, `ipv4` or `ipv6`; empty is `dualstack`. */
    readonly ipFamilyMode: string;
    /** The pod's other containers start once Envoy is ready. */
    readonly waitForDataplaneReady: boolean;
  };
  readonly initContainer: { readonly image: string };
  /** Names of the patches of every pod's containers. */
  readonly containerPatches: readonly string[];
  /** Kuma's CNI plugin redirects traffic, so pods need no container that may. */
  readonly cniEnabled: boolean;
  readonly virtualProbesEnabled: boolean;
  readonly virtualProbesPort: number;
  /** 0 is off. */
  readonly applicationProbeProxyPort: number;
  readonly sidecarTraffic: {
    readonly excludeInboundPorts: readonly number[];
    readonly excludeOutboundPorts: readonly number[];
    readonly excludeInboundIPs: readonly string[];
    readonly excludeOutboundIPs: readonly string[];
  };
  /** Pods with one of these labels are left alone; the value `*` is any. */
  readonly exceptions: { readonly labels: Readonly<Record<string, string>> };
  readonly builtinDNS: {
    readonly enabled: boolean;
    readonly port: number;
    readonly logging: boolean;
    /** kuma-dp answers itself, without CoreDNS. */
    readonly experimentalProxy: boolean;
  };
  readonly ebpf: {
    readonly enabled: boolean;
    readonly instanceIPEnvVarName: string;
    readonly bpffsPath: string;
    readonly cgroupPath: string;
    readonly tcAttachIface: string;
    readonly programsSourcePath: string;
  };
  readonly unifiedResourceNamingEnabled: boolean;
  readonly spire: { readonly enabled: boolean; readonly mountPath: string };
}

/** Kuma's defaults (2.13), with the images that its release has. */
export const defaultInjectorSettings: InjectorSettings = {
  sidecarContainer: {
    image: 'docker.io/kumahq/kuma-dp:2.13.10',
    uid: 5678,
    gid: 5678,
    drainTime: '30s',
    readinessProbe: {
      initialDelaySeconds: 1,
      timeoutSeconds: 3,
      periodSeconds: 5,
      successThreshold: 1,
      failureThreshold: 12,
    },
    livenessProbe: { initialDelaySeconds: 60, timeoutSeconds: 3, periodSeconds: 5, failureThreshold: 12 },
    startupProbe: { initialDelaySeconds: 1, timeoutSeconds: 3, periodSeconds: 5, failureThreshold: 12 },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1000m', memory: '512Mi' } },
    envVars: {},
    redirectPortInbound: 15_006,
    redirectPortOutbound: 15_001,
    ipFamilyMode: 'dualstack',
    waitForDataplaneReady: false,
  },
  initContainer: { image: 'docker.io/kumahq/kuma-init:2.13.10' },
  containerPatches: [],
  cniEnabled: false,
  virtualProbesEnabled: false,
  virtualProbesPort: 9_000,
  applicationProbeProxyPort: 9_001,
  sidecarTraffic: {
    excludeInboundPorts: [],
    excludeOutboundPorts: [],
    excludeInboundIPs: [],
    excludeOutboundIPs: [],
  },
  // Pods that OpenShift makes for builds and deployments.
  exceptions: { labels: { 'openshift.io/build.name': '*', 'openshift.io/deployer-pod-for.name': '*' } },
  builtinDNS: { enabled: true, port: 15_053, logging: false, experimentalProxy: true },
  ebpf: {
    enabled: false,
    instanceIPEnvVarName: 'INSTANCE_IP',
    bpffsPath: '/sys/fs/bpf',
    cgroupPath: '/sys/fs/cgroup',
    tcAttachIface: '',
    programsSourcePath: '/tmp/kuma-ebpf',
  },
  unifiedResourceNamingEnabled: false,
  spire: { enabled: false, mountPath: '/run/spire/sockets' },
};

/** One patch by name, as Kuma's ContainerPatch has it: `value` is JSON in a text. */
export interface ContainerPatch {
  readonly sidecarPatch?: readonly ContainerPatchBlock[] | undefined;
  readonly initPatch?: readonly ContainerPatchBlock[] | undefined;
}

export interface ContainerPatchBlock {
  readonly op: string;
  readonly path: string;
  readonly value?: string | undefined;
  readonly from?: string | undefined;
}

/** What the control plane says to pods that join it. */
export interface InjectionTarget {
  readonly settings: InjectorSettings;
  /** Where sidecars find their bootstrap. */
  readonly controlPlaneUrl: string;
  /** The authority that its certificate is trusted by, in PEM; empty where the system's do. */
  readonly controlPlaneCaCert: string;
  /** Of Envoy, unless the pod's annotation names another. */
  readonly adminPort: number;
  /** Sidecars are init containers that stay (Kubernetes 1.29 and later). */
  readonly sidecarContainers: boolean;
  readonly containerPatches: ReadonlyMap<string, ContainerPatch>;
  readonly hasMesh: (name: string) => boolean;
}
