import { isCidr, isHostName, isIpAddress } from '../../model/addresses.ts';
import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateTargetRef } from '../common/target-ref-validation.ts';
import type { MeshPassthroughSpec, PassthroughDestination } from './schema.ts';

type Protocol = PassthroughDestination['protocol'];

const topKinds: readonly TargetRefKind[] = ['Mesh', 'MeshSubset', 'Dataplane'];

/** Protocols of which a port takes one only. */
const exclusive: readonly Protocol[] = ['grpc', 'http', 'http2'];

/** Kuma's rules for a MeshPassthrough, in its order and words. */
export function validateMeshPassthrough(spec: MeshPassthroughSpec): Violations {
  const violations = new Violations();
  if (spec.targetRef !== undefined) {
    validateTargetRef(violations, 'spec.targetRef', spec.targetRef, { kinds: topKinds });
  }
  const ports = new Map<number, Protocol>();
  const seen = new Set<string>();
  for (const [position, destination] of (spec.default.appendMatch ?? []).entries()) {
    const path = index('spec.default.appendMatch', position);
    validatePort(violations, field(path, 'port'), destination);
    validateCombination(violations, path, destination, ports, seen);
    validateValue(violations, path, destination);
  }
  return violations;
}

function validatePort(violations: Violations, path: string, destination: PassthroughDestination): void {
  const { port, protocol } = destination;
  if (protocol === 'mysql' && port === undefined) {
    violations.add(path, 'port must be defined for Mysql protocol');
  }
  if (port !== undefined && (port < 1 || port > 65_535)) {
    violations.add(path, 'port must be a valid (1-65535)');
  }
}

/** @param ports the protocol of each port so far. @param seen the destinations so far. */
function validateCombination(
  violations: Violations,
  path: string,
  { port, protocol, value }: PassthroughDestination,
  ports: Map<number, Protocol>,
  seen: Set<string>,
): void {
  if (port === undefined) {
    return;
  }
  const other = ports.get(port);
  if (other !== undefined && other !== protocol && exclusive.includes(protocol)) {
    violations.add(
      field(path, 'port'),
      `using the same port in multiple matches requires the same protocol for the following protocols: [${exclusive.join(' ')}]`,
    );
  } else {
    ports.set(port, protocol);
  }
  const destination = JSON.stringify([port, protocol, value]);
  if (seen.has(destination)) {
    violations.add(field(path, 'value'), `value ${value} is already defiend for this port and protocol`);
  }
  seen.add(destination);
}

function validateValue(violations: Violations, path: string, destination: PassthroughDestination): void {
  const { type, value } = destination;
  if (type === 'Domain') {
    validateDomain(violations, path, destination);
  } else if (!(type === 'CIDR' ? isCidr(value) : isIpAddress(value))) {
    violations.add(field(path, 'value'), `provided ${type} has incorrect value`);
  }
}

function validateDomain(violations: Violations, path: string, destination: PassthroughDestination): void {
  const { value, port, protocol } = destination;
  if (protocol === 'tcp' || protocol === 'mysql') {
    violations.add(field(path, 'protocol'), `protocol ${protocol} is not supported for a domain`);
  }
  if (!value.startsWith('*')) {
    if (!isHostName(value)) {
      violations.add(field(path, 'value'), 'provided DNS has incorrect value');
    }
    return;
  }
  if (/^\*[^.]/.test(value)) {
    violations.add(
      field(path, 'value'),
      'provided DNS has incorrect value, partial wildcard is currently not supported',
    );
  }
  if (port === undefined && exclusive.includes(protocol)) {
    violations.add(field(path, 'port'), "wildcard domains doesn't work for all ports and layer 7 protocol");
  }
}
