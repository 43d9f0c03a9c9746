import { formatDuration, parseDuration } from '../../model/duration.ts';
import { type AnnotationReader, annotation } from '../annotations.ts';
import { applicationProbeProxyPort } from './probe-annotations.ts';
import type { InjectionTarget, InjectorSettings } from './settings.ts';

/** A variable of a container's environment, as Kubernetes writes it: without a value where that is empty. */
export type EnvironmentVariable = { readonly name: string } & (
  | { readonly value?: string }
  | {
      readonly valueFrom: { readonly fieldRef: { readonly apiVersion?: string; readonly fieldPath: string } };
    }
);

const fields = {
  POD_NAME: 'metadata.name',
  POD_NAMESPACE: 'metadata.namespace',
  INSTANCE_IP: 'status.podIP',
} as const;

/**
 * The environment of kuma-dp, by name. What the settings add comes before Kuma's own, and the pod's annotation before both.
 *
 * @throws KumulusError `invalid` for an annotation that has another form.
 */
export function sidecarEnvironment(
  pod: AnnotationReader,
  mesh: string,
  target: InjectionTarget,
): readonly EnvironmentVariable[] {
  const { settings } = target;
  const drainTime =
    pod.duration(annotation.sidecarDrainTime) ?? parseDuration(settings.sidecarContainer.drainTime);
  const xdsVariant = pod.text(annotation.xdsTransportProtocolVariant);
  const logLevel = pod.text(annotation.envoyLogLevel);
  const componentLogLevel = pod.text(annotation.envoyComponentLogLevel);
  const spire = pod.enabled(annotation.spireSupport) ?? settings.spire.enabled;
  const values = new Map<string, string>([
    ['KUMA_CONTROL_PLANE_URL', target.controlPlaneUrl],
    ['KUMA_CONTROL_PLANE_CA_CERT', target.controlPlaneCaCert],
    ['KUMA_DATAPLANE_MESH', mesh],
    ['KUMA_DATAPLANE_DRAIN_TIME', formatDuration(drainTime)],
    ['KUMA_DATAPLANE_RUNTIME_TOKEN_PATH', '/var/run/secrets/kubernetes.io/serviceaccount/token'],
    ...optional('KUMA_DATAPLANE_RUNTIME_ENVOY_XDS_TRANSPORT_PROTOCOL_VARIANT', xdsVariant),
    ...dnsVariables(settings),
    ...optional('KUMA_DATAPLANE_RUNTIME_ENVOY_LOG_LEVEL', logLevel),
    ...optional('KUMA_DATAPLANE_RUNTIME_ENVOY_COMPONENT_LOG_LEVEL', componentLogLevel),
    ...optional(
      'KUMA_DATAPLANE_RUNTIME_UNIFIED_RESOURCE_NAMING_ENABLED',
      settings.unifiedResourceNamingEnabled ? 'true' : undefined,
    ),
    ...optional('KUMA_DATAPLANE_RUNTIME_SPIRE_SUPPORTED', spire ? 'true' : undefined),
    ['KUMA_APPLICATION_PROBE_PROXY_PORT', String(applicationProbeProxyPort(pod, settings))],
    ...Object.entries(settings.sidecarContainer.envVars),
    ...(pod.map(annotation.sidecarEnvVars) ?? []),
  ]);
  const variables = [...values].map(([name, value]) => (value === '' ? { name } : { name, value }));
  const references = Object.entries(fields)
    .filter(([name]) => !values.has(name))
    .map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } }));
  return [...variables, ...references].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function optional(name: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[name, value]];
}

function dnsVariables({ builtinDNS }: InjectorSettings): readonly (readonly [string, string])[] {
  const { enabled, port, logging, experimentalProxy } = builtinDNS;
  if (!enabled) return [['KUMA_DNS_ENABLED', 'false']];
  const common = [
    ['KUMA_DNS_ENABLED', 'true'],
    ['KUMA_DNS_ENABLE_LOGGING', String(logging)],
  ] as const;
  if (experimentalProxy) return [...common, ['KUMA_DNS_PROXY_PORT', String(port)]];
  return [
    ...common,
    ['KUMA_DNS_CORE_DNS_PORT', String(port)],
    ['KUMA_DNS_ENVOY_DNS_PORT', String(port + 2)],
    ['KUMA_DNS_CORE_DNS_BINARY_PATH', 'coredns'],
  ];
}
