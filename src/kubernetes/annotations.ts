import { DurationError, parseDuration } from '../model/duration.ts';
import { KumulusError } from '../model/errors.ts';
import { goQuote } from '../model/go-quote.ts';
import { key } from '../model/violations.ts';

/** Kuma's annotations of pods, services and namespaces, which users set; Kuma 2.13 documents them as "Kubernetes annotations and labels". */
export const annotation = {
  mesh: 'kuma.io/mesh',
  sidecarInjection: 'kuma.io/sidecar-injection',
  gateway: 'kuma.io/gateway',
  ingress: 'kuma.io/ingress',
  egress: 'kuma.io/egress',
  ignore: 'kuma.io/ignore',
  /** A JSON object of tags, set on services' endpoints. */
  tags: 'kuma.io/tags',
  ingressPublicAddress: 'kuma.io/ingress-public-address',
  ingressPublicPort: 'kuma.io/ingress-public-port',
  directAccessServices: 'kuma.io/direct-access-services',
  virtualProbes: 'kuma.io/virtual-probes',
  virtualProbesPort: 'kuma.io/virtual-probes-port',
  applicationProbeProxyPort: 'kuma.io/application-probe-proxy-port',
  sidecarEnvVars: 'kuma.io/sidecar-env-vars',
  sidecarConcurrency: 'kuma.io/sidecar-proxy-concurrency',
  sidecarDrainTime: 'kuma.io/sidecar-drain-time',
  sidecarTokenVolume: 'kuma.io/service-account-token-volume',
  containerPatches: 'kuma.io/container-patches',
  envoyLogLevel: 'kuma.io/envoy-log-level',
  envoyComponentLogLevel: 'kuma.io/envoy-component-log-level',
  envoyAdminPort: 'kuma.io/envoy-admin-port',
  initFirst: 'kuma.io/init-first',
  waitForDataplaneReady: 'kuma.io/wait-for-dataplane-ready',
  xdsTransportProtocolVariant: 'kuma.io/xds-transport-protocol-variant',
  spireSupport: 'k8s.kuma.io/spire-support',
  builtinDns: 'kuma.io/builtin-dns',
  builtinDnsPort: 'kuma.io/builtin-dns-port',
  builtinDnsLogging: 'kuma.io/builtin-dns-logging',
  prometheusPort: 'prometheus.metrics.kuma.io/port',
  prometheusPath: 'prometheus.metrics.kuma.io/path',
  excludeInboundPorts: 'traffic.kuma.io/exclude-inbound-ports',
  excludeOutboundPorts: 'traffic.kuma.io/exclude-outbound-ports',
  excludeInboundIps: 'traffic.kuma.io/exclude-inbound-ips',
  excludeOutboundIps: 'traffic.kuma.io/exclude-outbound-ips',
  excludeOutboundPortsForUids: 'traffic.kuma.io/exclude-outbound-ports-for-uids',
  dropInvalidPackets: 'traffic.kuma.io/drop-invalid-packets',
  iptablesLogs: 'traffic.kuma.io/iptables-logs',
  serviceName: 'k8s.kuma.io/service-name',
  serviceAccount: 'k8s.kuma.io/service-account',
  headlessService: 'k8s.kuma.io/is-headless-service',
  workload: 'kuma.io/workload',
  reachableServices: 'kuma.io/transparent-proxying-reachable-services',
  reachableBackends: 'kuma.io/reachable-backends',

  /** Those that the injector sets, and from which the Dataplane is made. */
  sidecarInjected: 'kuma.io/sidecar-injected',
  sidecarUid: 'kuma.io/sidecar-uid',
  transparentProxying: 'kuma.io/transparent-proxying',
  /** All of it in YAML, for the CNI and newer injectors. */
  transparentProxyConfig: 'traffic.kuma.io/transparent-proxy-config',
  transparentProxyingInboundPort: 'kuma.io/transparent-proxying-inbound-port',
  transparentProxyingOutboundPort: 'kuma.io/transparent-proxying-outbound-port',
  transparentProxyingIpFamilyMode: 'kuma.io/transparent-proxying-ip-family-mode',
  ebpf: 'kuma.io/transparent-proxying-ebpf',
  ebpfBpfFsPath: 'kuma.io/transparent-proxying-ebpf-bpf-fs-path',
  ebpfCgroupPath: 'kuma.io/transparent-proxying-ebpf-cgroup-path',
  ebpfTcAttachInterface: 'kuma.io/transparent-proxying-ebpf-tc-attach-iface',
  ebpfInstanceIpEnvVarName: 'kuma.io/transparent-proxying-ebpf-instance-ip-env-var-name',
  ebpfProgramsSourcePath: 'kuma.io/transparent-proxying-ebpf-programs-source-path',

  /** Not Kuma's: the networks that Multus attaches, and the container that kubectl means. */
  cniNetworks: 'k8s.v1.cni.cncf.io/networks',
  defaultContainer: 'kubectl.kubernetes.io/default-container',
} as const;

/** Annotations or labels as a document has them. */
export type Annotations = Readonly<Record<string, string>>;

/**
 * Reads annotations or labels as Kuma does; undefined is one that is absent.
 * Every method that reads a form throws KumulusError `invalid`, in Kuma's words and with the field, for a value that has another.
 */
export interface AnnotationReader {
  text(name: string): string | undefined;
  /** `true` or `yes`, `false` or `no`. */
  boolean(name: string): boolean | undefined;
  /** The same, or `enabled` or `disabled`. */
  enabled(name: string): boolean | undefined;
  /** A number in decimal digits up to 2³² − 1. */
  uint32(name: string): number | undefined;
  /** Nanoseconds, from Go's notation (`1m30s`). */
  duration(name: string): bigint | undefined;
  /** What stands between commas, without what is empty. */
  list(name: string): readonly string[] | undefined;
  /** `name=value;other=value`. */
  map(name: string): ReadonlyMap<string, string> | undefined;
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['false', false],
  ['no', false],
]);
const enablements: ReadonlyMap<string, boolean> = new Map([
  ...booleans,
  ['enabled', true],
  ['disabled', false],
]);

/** @param path where they stand in the document, for errors. */
export function readAnnotations(
  values: Annotations | undefined,
  path = 'metadata.annotations',
): AnnotationReader {
  const text = (name: string) =>
    values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
  const read = <T>(name: string, parse: (value: string) => T): T | undefined => {
    const value = text(name);
    return value === undefined ? undefined : parse(value);
  };
  const refused = (name: string, message: string) =>
    new KumulusError('invalid', message, { violations: [{ field: key(path, name), message }] });
  const oneOf = (name: string, words: ReadonlyMap<string, boolean>) =>
    read(name, (value) => {
      const meant = words.get(value);
      if (meant === undefined) throw refused(name, `annotation "${name}" has wrong value "${value}"`);
      return meant;
    });
  return {
    text,
    boolean: (name) => oneOf(name, booleans),
    enabled: (name) => oneOf(name, enablements),
    uint32: (name) =>
      read(name, (value) => {
        const reason = whyNoUint32(value);
        if (reason !== undefined) {
          const parsing = `strconv.ParseUint: parsing ${goQuote(value)}: ${reason}`;
          throw refused(name, `failed to parse annotation "${name}": ${parsing}`);
        }
        return Number(value);
      }),
    duration: (name) =>
      read(name, (value) => {
        try {
          return parseDuration(value);
        } catch (error) {
          throw error instanceof DurationError ? refused(name, error.message) : error;
        }
      }),
    list: (name) => read(name, (value) => value.split(',').filter((item) => item !== '')),
    map: (name) =>
      read(name, (value) => {
        const pairs = value.split(';').map((pair) => pair.split('='));
        return new Map(
          pairs.map(([member, content, ...more]) => {
            if (member === undefined || content === undefined || more.length > 0) {
              const form = 'key1=value1;key2=value2';
              throw refused(
                name,
                `invalid format. Map in "${name}" has to be provided in the following format: ${form}`,
              );
            }
            return [member, content];
          }),
        );
      }),
  };
}

/** What Go's `strconv.ParseUint` says of what is no number below 2³². */
function whyNoUint32(value: string): string | undefined {
  if (!/^\d+$/.test(value)) return 'invalid syntax';
  const digits = value.replace(/^0+/, '');
  return digits.length > 10 || Number(digits) >= 2 ** 32 ? 'value out of range' : undefined;
}
