import { validatePort } from '../../rules.ts';
import { validateSelectors } from '../../selectors.ts';
import { protocolTag, serviceTag, type TagOptions, validateSelector, zoneTag } from '../../tags.ts';
import { field, index, key, Violations } from '../../violations.ts';
import type { GatewayListener, MeshGatewaySpec } from './schema.ts';
import { validateConflicts } from './validate-conflicts.ts';
import { validateHostname } from './validate-hostname.ts';

const empty = 'cannot be empty';

/** Tags that say what a proxy is, which those of a gateway must not contradict. */
const proxyTags = ['kuma.io/external-service-name', protocolTag, serviceTag, zoneTag];

const gatewayTags: TagOptions = {
  extraName: (violations, path, name) => {
    if (proxyTags.includes(name)) {
      violations.add(key(path, name), `tag name must not be ${JSON.stringify(name)}`);
    }
  },
};

/** Kuma's rules for a MeshGateway. */
export function validateMeshGateway({ selectors, tags, conf }: MeshGatewaySpec): Violations {
  const violations = new Violations();
  validateSelectors(violations, 'selectors', selectors, {
    requireTag: true,
    requireService: true,
    single: conf?.listeners?.some(({ crossMesh }) => crossMesh === true) ?? false,
  });
  validateSelector(violations, 'tags', tags, gatewayTags);
  if (conf === undefined) {
    return violations.add('conf', empty);
  }
  const { listeners = [] } = conf;
  if (listeners.length === 0) {
    violations.add('conf.listeners', empty);
  }
  for (const [position, listener] of listeners.entries()) {
    const path = index('conf.listeners', position);
    if (listener.hostname !== undefined) {
      validateHostname(violations, field(path, 'hostname'), listener.hostname);
    }
    validatePort(violations, field(path, 'port'), listener.port);
    validateProtocol(violations, path, listener);
    validateTls(violations, field(path, 'tls'), listener);
    validateSelector(violations, field(path, 'tags'), listener.tags, gatewayTags);
  }
  validateConflicts(violations, 'conf.listeners', listeners);
  return violations;
}

function validateProtocol(violations: Violations, path: string, listener: GatewayListener): void {
  const { protocol, crossMesh, tls } = listener;
  if (protocol === undefined) {
    violations.add(field(path, 'protocol'), empty);
  } else if (protocol !== 'HTTPS') {
    return;
  } else if (crossMesh === true) {
    violations.add(field(path, 'protocol'), 'protocol is not supported with crossMesh');
  } else if (tls === undefined) {
    violations.add(field(path, 'tls'), empty);
  } else if (tls.mode === 'PASSTHROUGH') {
    violations.add(field(path, 'tls.mode'), 'mode is not supported on HTTPS listeners');
  }
}

function validateTls(violations: Violations, path: string, { tls, crossMesh }: GatewayListener): void {
  if (tls === undefined) {
    return;
  }
  const { mode, certificates = [] } = tls;
  if (crossMesh === true) {
    if (mode !== undefined || certificates.length > 0) {
      violations.add(path, 'must be empty with crossMesh');
    }
  } else if (mode === undefined) {
    violations.add(field(path, 'mode'), empty);
  } else if (mode === 'TERMINATE' && certificates.length === 0) {
    violations.add(field(path, 'certificates'), 'cannot be empty in TLS termination mode');
  } else if (mode === 'TERMINATE' && certificates.length > 2) {
    violations.add(field(path, 'certificates'), 'cannot have more than 2 certificates');
  }
}
