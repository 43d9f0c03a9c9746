import * as z from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { isQuantity } from '../quantity.ts';
import { type ContainerPatch, defaultInjectorSettings, type InjectorSettings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says of injection. */
export interface InjectorEnvironment {
  readonly settings: InjectorSettings;
  /** `KUMA_EXPERIMENTAL_SIDECAR_CONTAINERS`; false unless told. */
  readonly sidecarContainers: boolean;
  /** `KUMA_BOOTSTRAP_SERVER_PARAMS_ADMIN_PORT`; 9901 unless told. */
  readonly adminPort: number;
  /** `KUMULUS_INJECTOR_CONTAINER_PATCHES`: a JSON object, by name; none unless told. */
  readonly containerPatches: ReadonlyMap<string, ContainerPatch>;
  /** `KUMULUS_INJECTOR_CONTROL_PLANE_URL`, in which `{tenant}` stands for the tenant's name; undefined unless told. */
  readonly controlPlaneUrl: string | undefined;
  /** `KUMULUS_INJECTOR_CA_CERT`: the authority of the relays' certificate in PEM; empty, where the system's count, unless told. */
  readonly controlPlaneCaCert: string;
}

const blockSchema = z.strictObject({
  op: z.enum(['add', 'remove', 'replace', 'move', 'copy']),
  path: z.string(),
  value: z.string().optional(),
  from: z.string().optional(),
});
const patchesSchema = z.record(
  z.string(),
  z.strictObject({
    sidecarPatch: z.array(blockSchema).optional(),
    initPatch: z.array(blockSchema).optional(),
  }),
);

/**
 * Reads the environment: names, forms and defaults of `KUMA_…` are Kuma's.
 *
 * @throws Error that names the variable and what it takes.
 */
export function injectorEnvironment(environment: Environment): InjectorEnvironment {
  const read = reader(environment);
  return {
    settings: injectorSettings(read),
    sidecarContainers: read.flag('KUMA_EXPERIMENTAL_SIDECAR_CONTAINERS', false),
    adminPort: read.integer('KUMA_BOOTSTRAP_SERVER_PARAMS_ADMIN_PORT', 9_901, 65_535),
    containerPatches: read.as<ReadonlyMap<string, ContainerPatch>>(
      'KUMULUS_INJECTOR_CONTAINER_PATCHES',
      new Map(),
      (text) => {
        const found = patchesSchema.safeParse(jsonOrUndefined(text));
        return found.success ? new Map(Object.entries(found.data)) : undefined;
      },
      'a JSON object of patches by name, each with sidecarPatch and initPatch',
    ),
    controlPlaneUrl: read.as<string | undefined>(
      'KUMULUS_INJECTOR_CONTROL_PLANE_URL',
      undefined,
      (text) => (/^https?:\/\/[^\s/]+$/.test(text) ? text : undefined),
      'an address such as https://{tenant}.mesh.example.com:5678',
    ),
    controlPlaneCaCert: read.text('KUMULUS_INJECTOR_CA_CERT', ''),
  };
}

function injectorSettings(read: Reader): InjectorSettings {
  const standard = defaultInjectorSettings;
  const { sidecarContainer: container, sidecarTraffic, builtinDNS, ebpf } = standard;
  const runtime = 'KUMA_RUNTIME_KUBERNETES_';
  const injector = `${runtime}INJECTOR_`;
  const sidecar = `${injector}SIDECAR_CONTAINER_`;
  const resources = 'KUMA_INJECTOR_SIDECAR_CONTAINER_RESOURCES_';
  const traffic = `${runtime}SIDECAR_TRAFFIC_`;
  const port = (name: string, fallback: number) => read.integer(name, fallback, 65_535);
  const timing = <T extends { readonly failureThreshold: number }>(prefix: string, fallback: T): T => {
    const entries = Object.entries(fallback).map(([name, seconds]) => {
      const variable = `${sidecar}${prefix}_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
      return [name, read.integer(variable, Number(seconds), 2 ** 31 - 1)];
    });
    return { ...fallback, ...Object.fromEntries(entries) };
  };
  const amounts = (prefix: string, fallback: { readonly cpu: string; readonly memory: string }) => ({
    cpu: read.quantity(`${resources}${prefix}_CPU`, fallback.cpu),
    memory: read.quantity(`${resources}${prefix}_MEMORY`, fallback.memory),
  });
  return {
    sidecarContainer: {
      image: read.text(`${sidecar}IMAGE`, container.image),
      uid: read.integer(`${sidecar}UID`, container.uid),
      // The name is Kuma's.
      gid: read.integer(`${sidecar}GUI`, container.gid),
      drainTime: read.duration(`${sidecar}DRAIN_TIME`, container.drainTime),
      readinessProbe: timing('READINESS_PROBE', container.readinessProbe),
      livenessProbe: timing('LIVENESS_PROBE', container.livenessProbe),
      startupProbe: timing('STARTUP_PROBE', container.startupProbe),
      resources: {
        requests: amounts('REQUESTS', container.resources.requests),
        limits: amounts('LIMITS', container.resources.limits),
      },
      envVars: read.map(`${sidecar}ENV_VARS`, container.envVars),
      redirectPortInbound: port(`${sidecar}REDIRECT_PORT_INBOUND`, container.redirectPortInbound),
      redirectPortOutbound: port(`${sidecar}REDIRECT_PORT_OUTBOUND`, container.redirectPortOutbound),
      ipFamilyMode: read.text(`${sidecar}IP_FAMILY_MODE`, container.ipFamilyMode),
      waitForDataplaneReady: read.flag(`${sidecar}WAIT_FOR_DATAPLANE_READY`, container.waitForDataplaneReady),
    },
    initContainer: { image: read.text('KUMA_INJECTOR_INIT_CONTAINER_IMAGE', standard.initContainer.image) },
    containerPatches: read.list(`${injector}CONTAINER_PATCHES`, standard.containerPatches),
    cniEnabled: read.flag(`${injector}CNI_ENABLED`, standard.cniEnabled),
    virtualProbesEnabled: read.flag(`${runtime}VIRTUAL_PROBES_ENABLED`, standard.virtualProbesEnabled),
    virtualProbesPort: port(`${runtime}VIRTUAL_PROBES_PORT`, standard.virtualProbesPort),
    applicationProbeProxyPort: port(
      `${runtime}APPLICATION_PROBE_PROXY_PORT`,
      standard.applicationProbeProxyPort,
    ),
    sidecarTraffic: {
      excludeInboundPorts: read.ports(`${traffic}EXCLUDE_INBOUND_PORTS`, sidecarTraffic.excludeInboundPorts),
      excludeOutboundPorts: read.ports(
        `${traffic}EXCLUDE_OUTBOUND_PORTS`,
        sidecarTraffic.excludeOutboundPorts,
      ),
      excludeInboundIPs: read.list(`${traffic}EXCLUDE_INBOUND_IPS`, sidecarTraffic.excludeInboundIPs),
      excludeOutboundIPs: read.list(`${traffic}EXCLUDE_OUTBOUND_IPS`, sidecarTraffic.excludeOutboundIPs),
    },
    exceptions: { labels: read.map(`${runtime}EXCEPTIONS_LABELS`, standard.exceptions.labels) },
    builtinDNS: {
      enabled: read.flag(`${injector}BUILTIN_DNS_ENABLED`, builtinDNS.enabled),
      port: port(`${injector}BUILTIN_DNS_PORT`, builtinDNS.port),
      logging: read.flag(`${injector}BUILTIN_DNS_LOGGING`, builtinDNS.logging),
      experimentalProxy: read.flag(`${injector}BUILTIN_DNS_EXPERIMENTAL_PROXY`, builtinDNS.experimentalProxy),
    },
    ebpf: {
      enabled: read.flag(`${injector}EBPF_ENABLED`, ebpf.enabled),
      instanceIPEnvVarName: read.text(`${injector}EBPF_INSTANCE_IP_ENV_VAR_NAME`, ebpf.instanceIPEnvVarName),
      bpffsPath: read.text(`${injector}EBPF_BPFFS_PATH`, ebpf.bpffsPath),
      cgroupPath: read.text(`${injector}EBPF_CGROUP_PATH`, ebpf.cgroupPath),
      tcAttachIface: read.text(`${injector}EBPF_TC_ATTACH_IFACE`, ebpf.tcAttachIface),
      programsSourcePath: read.text(`${injector}EBPF_PROGRAMS_SOURCE_PATH`, ebpf.programsSourcePath),
    },
    unifiedResourceNamingEnabled: read.flag(
      `${injector}UNIFIED_RESOURCE_NAMING_ENABLED`,
      standard.unifiedResourceNamingEnabled,
    ),
    spire: {
      enabled: read.flag(`${injector}SPIRE_ENABLED`, standard.spire.enabled),
      mountPath: read.text(`${injector}SPIRE_MOUNT_PATH`, standard.spire.mountPath),
    },
  };
}

type Reader = ReturnType<typeof reader>;

/** Reads variables by their forms; what is not set, or empty, is what the fallback says. */
function reader(environment: Environment) {
  function as<T>(name: string, fallback: T, parse: (text: string) => T | undefined, form: string): T {
    const text = environment[name];
    if (text === undefined || text === '') return fallback;
    const value = parse(text);
    // The text is not told: it may be long.
    if (value === undefined) throw new Error(`${name} takes ${form}`);
    return value;
  }
  const items = (text: string) => text.split(',').filter((item) => item !== '');
  const number = (text: string, most: number) =>
    /^\d+$/.test(text) && Number(text) <= most ? Number(text) : undefined;
  return {
    as,
    text: (name: string, fallback: string) => as(name, fallback, (text) => text, 'a text'),
    flag: (name: string, fallback: boolean) => as(name, fallback, booleanOf, 'true or false'),
    integer: (name: string, fallback: number, most = Number.MAX_SAFE_INTEGER) =>
      as(name, fallback, (text) => number(text, most), `a whole number from 0 to ${most}`),
    list: (name: string, fallback: readonly string[]) =>
      as(name, fallback, items, 'names with commas between'),
    ports: (name: string, fallback: readonly number[]) =>
      as(
        name,
        fallback,
        (text) => {
          const ports = items(text).map((item) => number(item, 65_535));
          return ports.every((port) => port !== undefined) ? ports : undefined;
        },
        'ports with commas between',
      ),
    map: (name: string, fallback: Readonly<Record<string, string>>) =>
      as(
        name,
        fallback,
        (text) => {
          const pairs = items(text).map((item) => /^([^:]+):(.*)$/s.exec(item));
          return pairs.every((pair) => pair !== null)
            ? Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value]))
            : undefined;
        },
        'pairs such as NAME:value,OTHER:value',
      ),
    quantity: (name: string, fallback: string) =>
      as(name, fallback, (text) => (isQuantity(text) ? text : undefined), 'a quantity such as 500m or 64Mi'),
    duration: (name: string, fallback: string) =>
      as(name, fallback, (text) => (isPositive(text) ? text : undefined), 'a duration such as 30s'),
  };
}

/** The forms of Go's `strconv.ParseBool`. */
function booleanOf(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

function isPositive(text: string): boolean {
  try {
    return parseDuration(text) > 0n;
  } catch {
    return false;
  }
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
