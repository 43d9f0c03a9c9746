import { isHostName, isIpAddress, isUnspecified, parseRequestUri } from '../addresses.ts';
import { parseProtocol } from '../protocol.ts';
import { validateProtocolTag } from '../protocol-tag.ts';
import { validateOptionalPort, validatePort, validateProbeDuration, validateThreshold } from '../rules.ts';
import { protocolTag, serviceTag, validateTags } from '../tags.ts';
import { field, index, key, Violations } from '../violations.ts';
import { gatewayTypeOf, usesInboundInterface, usesOutboundInterface } from './dataplane-helpers.ts';
import { validateOutbound, validateTransparentProxying } from './dataplane-outbound-validation.ts';
import type { DataplaneSpec, Inbound, Networking } from './dataplane-schema.ts';
import { prometheusType, validatePrometheusConfig } from './prometheus.ts';

const selfReference = 'serviceAddress and servicePort has to differ from address and port';
const loopback = '127.0.0.1';

/** Kuma's rules for a Dataplane, in its order and words. */
export function validateDataplane(spec: DataplaneSpec): Violations {
  const violations = new Violations();
  const { networking } = spec;
  if (networking === undefined) {
    return violations.add('networking', 'must be defined');
  }
  validateAdmin(violations, spec);
  const gateway = gatewayTypeOf(spec);
  if (gateway === undefined) {
    if (networking.inbound === undefined) {
      violations.add('networking', 'has to contain at least one inbound interface or gateway');
    }
  } else {
    validateGateway(violations, gateway, spec);
  }
  validateNetworking(violations, networking);
  if (gateway !== 'BUILTIN') {
    validateProbes(violations, spec.probes);
  }
  if (gateway === undefined) {
    validateMetrics(violations, spec.metrics);
  }
  return violations;
}

function validateAdmin(violations: Violations, spec: DataplaneSpec): void {
  const admin = spec.networking?.admin;
  if (admin === undefined) {
    return;
  }
  const path = 'networking.admin.port';
  if (usesInboundInterface(spec, loopback, admin.port ?? 0)) {
    violations.add(path, 'must differ from inbound');
  }
  if (usesOutboundInterface(spec, loopback, admin.port ?? 0)) {
    violations.add(path, 'must differ from outbound');
  }
  validateOptionalPort(violations, path, admin.port);
}

function validateGateway(violations: Violations, type: 'BUILTIN' | 'DELEGATED', spec: DataplaneSpec): void {
  const kind = type === 'BUILTIN' ? 'builtin' : 'delegated';
  if (spec.networking?.inbound !== undefined) {
    violations.add('networking.inbound', `inbound cannot be defined for ${kind} gateways`);
  }
  if (type === 'BUILTIN' && spec.networking?.outbound !== undefined) {
    violations.add('networking.outbound', 'outbound cannot be defined for builtin gateways');
  }
  if (type === 'BUILTIN' && spec.probes !== undefined) {
    violations.add('networking.probes', 'probes cannot be defined for builtin gateways');
  }
  validateTags(violations, 'networking.gateway.tags', spec.networking?.gateway?.tags, {
    requireService: true,
    extra: (found, path, tags) => {
      const protocol = tags[protocolTag];
      if (protocol !== undefined && parseProtocol(protocol) !== 'tcp') {
        const message = `other values than tcp are not allowed, provided value ${JSON.stringify(protocol)}`;
        found.add(key(path, protocolTag), message);
      }
    },
  });
}

function validateNetworking(violations: Violations, networking: Networking): void {
  const path = 'networking';
  validateAddress(violations, field(path, 'address'), networking.address);
  if (networking.advertisedAddress !== undefined) {
    validateAddress(violations, field(path, 'advertisedAddress'), networking.advertisedAddress);
  }
  for (const [position, inbound] of (networking.inbound ?? []).entries()) {
    validateInbound(violations, index(`${path}.inbound`, position), inbound, networking.address);
  }
  for (const [position, outbound] of (networking.outbound ?? []).entries()) {
    validateOutbound(violations, index(`${path}.outbound`, position), outbound);
  }
  validateTransparentProxying(violations, networking.transparentProxying);
}

function validateAddress(violations: Violations, path: string, address: string | undefined): void {
  if (address === undefined) {
    violations.add(path, "address can't be empty");
    return;
  }
  if (isUnspecified(address)) {
    violations.add(path, 'must not be 0.0.0.0 or ::');
  }
  if (!isIpAddress(address) && !isHostName(address)) {
    violations.add(path, 'address has to be valid IP address or domain name');
  }
}

function validateInbound(
  violations: Violations,
  path: string,
  inbound: Inbound,
  proxyAddress: string | undefined,
): void {
  validatePort(violations, field(path, 'port'), inbound.port);
  validateOptionalPort(violations, field(path, 'servicePort'), inbound.servicePort);
  const samePort = inbound.servicePort === undefined || inbound.servicePort === inbound.port;
  if (inbound.serviceAddress !== undefined) {
    const servicePath = field(path, 'serviceAddress');
    if (!isIpAddress(inbound.serviceAddress)) {
      violations.add(servicePath, 'serviceAddress has to be valid IP address');
    }
    if (inbound.serviceAddress === proxyAddress && samePort) {
      violations.add(servicePath, selfReference);
    }
  }
  if (inbound.address !== undefined) {
    if (!isIpAddress(inbound.address)) {
      violations.add(field(path, 'address'), 'address has to be valid IP address');
    }
    if (inbound.address === inbound.serviceAddress && samePort) {
      violations.add(field(path, 'serviceAddress'), selfReference);
    }
  }
  validateTags(violations, field(path, 'tags'), inbound.tags, { extra: validateProtocolTag });
  validateServiceProbe(violations, field(path, 'serviceProbe'), inbound.serviceProbe);
  if (!Object.hasOwn(inbound.tags ?? {}, serviceTag)) {
    violations.add(key(field(path, 'tags'), serviceTag), 'tag has to exist');
  }
}

function validateServiceProbe(violations: Violations, path: string, probe: Inbound['serviceProbe']): void {
  validateProbeDuration(violations, field(path, 'interval'), probe?.interval);
  validateProbeDuration(violations, field(path, 'timeout'), probe?.timeout);
  validateThreshold(violations, field(path, 'unhealthyThreshold'), probe?.unhealthyThreshold);
  validateThreshold(violations, field(path, 'healthyThreshold'), probe?.healthyThreshold);
}

function validateProbes(violations: Violations, probes: DataplaneSpec['probes']): void {
  if (probes === undefined) {
    return;
  }
  validatePort(violations, 'probes.port', probes.port);
  for (const [position, endpoint] of (probes.endpoints ?? []).entries()) {
    const path = index('probes.endpoints', position);
    validatePort(violations, field(path, 'inboundPort'), endpoint.inboundPort);
    if (parseRequestUri(endpoint.inboundPath ?? '') === undefined) {
      violations.add(field(path, 'inboundPath'), 'should be a valid URL Path');
    }
    if (parseRequestUri(endpoint.path ?? '') === undefined) {
      violations.add(field(path, 'path'), 'should be a valid URL Path');
    }
  }
}

function validateMetrics(violations: Violations, metrics: DataplaneSpec['metrics']): void {
  if (metrics === undefined) {
    return;
  }
  if (metrics.type === prometheusType) {
    validatePrometheusConfig(violations, 'metrics.conf', metrics.conf);
  } else {
    violations.add('metrics.type', `unknown backend type. Available backends: "${prometheusType}"`);
  }
}
