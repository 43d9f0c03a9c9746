import { isHostName, isIpAddress } from '../../addresses.ts';
import { field, index, Violations } from '../../violations.ts';
import { validateExtension } from '../extension.ts';
import { validateTlsVersion } from '../tls-version.ts';
import type { ExternalTls, MeshExternalServiceSpec } from './schema.ts';

/** Kuma's rules for a MeshExternalService, in its order and words. */
export function validateMeshExternalService(spec: MeshExternalServiceSpec): Violations {
  const violations = new Violations();
  const { extension, endpoints = [], tls } = spec;
  if (extension === undefined) {
    for (const [position, { address }] of endpoints.entries()) {
      if (!isIpAddress(address) && !isHostName(address)) {
        const path = field(index('spec.endpoints', position), 'address');
        violations.add(path, 'address has to be a valid IP or hostname');
      }
    }
    validateTls(violations, 'spec.tls', tls);
  }
  validateExtension(violations, 'spec.extension', extension);
  return violations;
}

function validateTls(violations: Violations, path: string, tls: ExternalTls | undefined): void {
  if (tls?.version !== undefined) {
    validateTlsVersion(violations, field(path, 'version'), tls.version);
  }
  const { serverName, clientCert, clientKey } = tls?.verification ?? {};
  const verification = field(path, 'verification');
  if (serverName !== undefined && !isHostName(serverName)) {
    violations.add(field(verification, 'serverName'), 'must be a valid DNS name');
  }
  if (clientCert !== undefined && clientKey === undefined) {
    violations.add(field(verification, 'clientKey'), 'must be defined when clientCert is defined');
  }
  if (clientCert === undefined && clientKey !== undefined) {
    violations.add(field(verification, 'clientCert'), 'must be defined when clientKey is defined');
  }
}
