import { isIpAddress } from '../addresses.ts';
import { identifierProblem } from '../names.ts';
import { validateOptionalPort, validatePort } from '../rules.ts';
import { validateTags } from '../tags.ts';
import { field, index, type Violations } from '../violations.ts';
import type { Outbound, TransparentProxying } from './dataplane-schema.ts';

const backendKinds = ['MeshExternalService', 'MeshMultiZoneService', 'MeshService'];
const backendKindMessage = `invalid value. Available values are: ${backendKinds.join(',')}`;

/** Kuma's rules for one outbound of a Dataplane. */
export function validateOutbound(violations: Violations, path: string, outbound: Outbound): void {
  validatePort(violations, field(path, 'port'), outbound.port);
  if (outbound.address !== undefined && !isIpAddress(outbound.address)) {
    violations.add(field(path, 'address'), 'address has to be valid IP address');
  }
  const { backendRef, tags } = outbound;
  if (backendRef === undefined) {
    validateTags(violations, field(path, 'tags'), tags, { requireService: true });
    return;
  }
  const refPath = field(path, 'backendRef');
  if (!backendKinds.includes(backendRef.kind ?? '')) {
    violations.add(field(refPath, 'kind'), backendKindMessage);
  }
  if (backendRef.name === undefined && backendRef.labels === undefined) {
    violations.add(refPath, "either 'name' or 'labels' should be specified");
  }
  // A MeshExternalService is reached at its own endpoints, whatever the port here.
  if (backendRef.kind !== 'MeshExternalService') {
    validatePort(violations, field(refPath, 'port'), backendRef.port);
  }
  if (tags !== undefined) {
    violations.add(refPath, 'both backendRef and tags/service cannot be defined');
  }
}

/** Kuma's rules for transparent proxying, and that Envoy can listen on the ports that traffic is redirected to. */
export function validateTransparentProxying(
  violations: Violations,
  settings: TransparentProxying | undefined,
): void {
  const path = 'networking.transparentProxying';
  validateOptionalPort(violations, field(path, 'redirectPortInbound'), settings?.redirectPortInbound);
  validateOptionalPort(violations, field(path, 'redirectPortOutbound'), settings?.redirectPortOutbound);
  for (const [position, ref] of (settings?.reachableBackends?.refs ?? []).entries()) {
    // The reference leaves out a letter of this path; clients compare it.
    const refPath = index('networking.transparentProxing.reachableBackends.refs', position);
    const namePath = field(refPath, 'name');
    if (!backendKinds.includes(ref.kind ?? '')) {
      violations.add(field(refPath, 'kind'), backendKindMessage);
    }
    const problem = ref.name === undefined ? undefined : identifierProblem(ref.name);
    if (problem !== undefined) {
      violations.add(namePath, problem);
    }
    if (ref.name === undefined && ref.namespace === undefined && ref.labels === undefined) {
      violations.add(namePath, 'name or labels are required');
    }
    if (ref.name === undefined && ref.namespace !== undefined) {
      violations.add(namePath, 'name is required, when namespace is defined');
    }
    if ((ref.name !== undefined || ref.namespace !== undefined) && ref.labels !== undefined) {
      violations.add(field(refPath, 'labels'), 'labels cannot be defined when name is specified');
    }
  }
}
