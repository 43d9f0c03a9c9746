import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import type { Node } from '../envoy/gen/envoy/config/core/v3/base_pb.ts';
import { KumulusError } from '../model/errors.ts';
import type { ProxyMetadata, ProxyType } from '../model/proxy-metadata.ts';

/** What a proxy says of itself in the node of its first request. */
export interface ProxyNode {
  /** Empty for zone proxies. */
  readonly mesh: string;
  readonly name: string;
  readonly metadata: ProxyMetadata;
  /** `dataplane.resource`; absent in the indirect lifecycle. */
  readonly dataplaneResource: string | undefined;
}

/** Bytes of a Dataplane in the metadata, the same bound as for a request's body. */
const maxResourceLength = 1024 * 1024;
/** Characters of any other text in the metadata: paths, versions, features. */
const maxTextLength = 4096;
const maxFeatures = 256;
const maxDynamicMetadata = 1024;
/** Characters that names in Kuma are made of. */
const namePattern = /^[0-9a-z._-]{1,253}$/;
const meshPattern = /^[0-9a-z_-]{0,63}$/;

const proxyTypes: readonly ProxyType[] = ['dataplane', 'ingress', 'egress'];

function refuse(message: string): KumulusError {
  return new KumulusError('bad_request', message);
}

function text(metadata: JsonObject, key: string, limit = maxTextLength): string {
  const value = metadata[key];
  if (value === undefined || value === null) {
    return '';
  }
  if (typeof value !== 'string') {
    throw refuse(`node.metadata[${JSON.stringify(key)}] must be a string`);
  }
  if (value.length > limit) {
    throw refuse(
      `node.metadata[${JSON.stringify(key)}] must have at most ${limit} characters, got ${value.length}`,
    );
  }
  return value;
}

/** A port, written as text in Kuma's bootstraps; 0 where it is absent or none. */
function port(metadata: JsonObject, key: string): number {
  const value = metadata[key];
  const number = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= 65535 ? number : 0;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function features(metadata: JsonObject): ReadonlySet<string> {
  const value = metadata.features;
  const list = Array.isArray(value) ? value : [];
  if (list.length > maxFeatures) {
    throw refuse(`node.metadata["features"] must have at most ${maxFeatures} entries, got ${list.length}`);
  }
  return new Set(list.filter((item) => typeof item === 'string' && item.length <= maxTextLength).map(String));
}

function dynamicMetadata(metadata: JsonObject): Readonly<Record<string, string>> {
  const value = metadata.dynamicMetadata;
  if (!isObject(value)) {
    return {};
  }
  const entries = Object.entries(value);
  if (entries.length > maxDynamicMetadata) {
    throw refuse(
      `node.metadata["dynamicMetadata"] must have at most ${maxDynamicMetadata} entries, got ${entries.length}`,
    );
  }
  return Object.fromEntries(entries.map(([key]) => [key, text(value, key)]));
}

function proxyType(metadata: JsonObject): ProxyType {
  const value = text(metadata, 'dataplane.proxyType') || 'dataplane';
  const known = proxyTypes.find((type) => type === value);
  if (known === undefined) {
    throw refuse(`node.metadata["dataplane.proxyType"] must be one of ${proxyTypes.join(', ')}`);
  }
  return known;
}

function readMetadata(metadata: JsonObject): ProxyMetadata {
  const version = metadata.version;
  const transparentProxy = metadata.transparentProxy;
  return {
    proxyType: proxyType(metadata),
    adminAddress: text(metadata, 'dataplane.admin.address'),
    adminPort: port(metadata, 'dataplane.admin.port'),
    dnsPort: port(metadata, 'dataplane.dns.port'),
    readinessPort: port(metadata, 'dataplane.readinessReporter.port'),
    workdir: text(metadata, 'workdir'),
    features: features(metadata),
    systemCaPath: text(metadata, 'systemCaPath'),
    // Proxies older than the field have IPv6, as Kuma takes it.
    ipv6Enabled: metadata.ipv6Enabled !== false,
    metricsCertPath: text(metadata, 'metricsCertPath'),
    metricsKeyPath: text(metadata, 'metricsKeyPath'),
    spireSocketPath: text(metadata, 'spireAgent.socketPath'),
    transparentProxy: isObject(transparentProxy) ? transparentProxy : undefined,
    version: isObject(version) ? version : undefined,
    dynamicMetadata: dynamicMetadata(metadata),
  };
}

/**
 * Reads the node of a first request: `id` is `<mesh>.<name>`, the rest is metadata as Kuma's bootstrap writes it.
 *
 * @throws KumulusError `bad_request` where there is no node, or it is not one of a proxy of Kuma.
 */
export function readNode(node: Node | undefined): ProxyNode {
  if (node === undefined) {
    throw refuse('the first request of a stream must have a node');
  }
  const dot = node.id.indexOf('.');
  if (dot < 0) {
    throw refuse('node.id must be <mesh>.<name>');
  }
  const mesh = node.id.slice(0, dot);
  const name = node.id.slice(dot + 1);
  if (!meshPattern.test(mesh) || !namePattern.test(name)) {
    throw refuse('node.id must be <mesh>.<name>, of lower case letters, digits, ".", "_" and "-"');
  }
  const metadata = node.metadata ?? {};
  const resource = text(metadata, 'dataplane.resource', maxResourceLength);
  const parsed = readMetadata(metadata);
  if (mesh === '' && parsed.proxyType === 'dataplane') {
    throw refuse('node.id must name the mesh of a data plane proxy');
  }
  return { mesh, name, metadata: parsed, dataplaneResource: resource === '' ? undefined : resource };
}
