import { isFilePath } from '../../model/file-path.ts';
import { isUrl } from '../../model/is-url.ts';
import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateTargetRef } from '../common/target-ref-validation.ts';
import type { AccessLogConf, LogBackend, LogFormat, MeshAccessLogSpec } from './schema.ts';

const topKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshGateway',
  'MeshService',
  'MeshServiceSubset',
  'Dataplane',
];
const toKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshService',
  'MeshExternalService',
  'MeshMultiZoneService',
  'MeshHTTPRoute',
];

/** Where each type of backend has its settings. */
const backendMembers = { File: 'file', Tcp: 'tcp', OpenTelemetry: 'openTelemetry' } as const;

/** Kuma's rules for a MeshAccessLog, in its order and words. */
export function validateMeshAccessLog(spec: MeshAccessLogSpec): Violations {
  const violations = new Violations();
  const { targetRef, to = [], from = [], rules = [] } = spec;
  if (targetRef !== undefined) {
    validateTargetRef(violations, 'spec.targetRef', targetRef, {
      kinds: topKinds,
      inbound: from.length > 0 || rules.length > 0,
      gatewayListenerTags: true,
    });
  }
  if (rules.length > 0 && (to.length > 0 || from.length > 0)) {
    violations.add('spec', "fields 'to' and 'from' must be empty when 'rules' is defined");
  }
  if (rules.length === 0 && to.length === 0 && from.length === 0) {
    violations.add('spec', "at least one of 'from', 'to' or 'rules' has to be defined");
  }
  for (const [position, item] of to.entries()) {
    const path = index('spec.to', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, {
      kinds: targetRef?.kind === 'MeshGateway' ? ['Mesh'] : toKinds,
    });
    validateConf(violations, field(path, 'default'), item.default);
  }
  for (const [position, item] of from.entries()) {
    const path = index('spec.from', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, { kinds: ['Mesh'] });
    validateConf(violations, field(path, 'default'), item.default);
  }
  // The reference looks at rules only where there is a `from`, if only an empty one.
  if (spec.from !== undefined) {
    for (const [position, rule] of rules.entries()) {
      validateConf(violations, field(index('spec.rules', position), 'default'), rule.default);
    }
  }
  return violations;
}

function validateConf(violations: Violations, path: string, { backends }: AccessLogConf): void {
  const backendsPath = field(path, 'backends');
  if (backends === undefined) {
    violations.add(backendsPath, 'must be defined');
  }
  for (const [position, backend] of (backends ?? []).entries()) {
    validateBackend(violations, index(backendsPath, position), backend);
  }
}

function validateBackend(violations: Violations, path: string, backend: LogBackend): void {
  const member = backendMembers[backend.type];
  const memberPath = field(path, member);
  if (backend[member] === undefined) {
    violations.add(memberPath, 'must be defined');
    return;
  }
  const { type, tcp, file } = backend;
  if (type === 'File' && file !== undefined) {
    validateFormat(violations, field(memberPath, 'format'), file.format);
    if (!isFilePath(file.path)) {
      violations.add(field(memberPath, 'path'), 'file backend requires a valid path');
    }
  }
  if (type === 'Tcp' && tcp !== undefined) {
    validateFormat(violations, field(memberPath, 'format'), tcp.format);
    if (!isUrl(tcp.address)) {
      violations.add(field(memberPath, 'address'), 'tcp backend requires valid address');
    }
  }
}

function validateFormat(violations: Violations, path: string, format: LogFormat | undefined): void {
  if (format === undefined) {
    return;
  }
  const { type, plain, json } = format;
  const [member, length] = type === 'Plain' ? ['plain', plain?.length] : ['json', json?.length];
  if (length === undefined) {
    violations.add(field(path, member), 'must be defined');
  } else if (length === 0) {
    violations.add(field(path, member), 'must not be empty');
  } else if (type === 'Json') {
    validateJson(violations, field(path, member), json ?? []);
  }
}

function validateJson(violations: Violations, path: string, json: NonNullable<LogFormat['json']>): void {
  for (const [position, { key, value }] of json.entries()) {
    const itemPath = index(path, position);
    if (key === '') {
      violations.add(field(itemPath, 'key'), 'key cannot be empty');
    }
    if (value === '') {
      violations.add(field(itemPath, 'value'), 'value cannot be empty');
    }
    if (!isJson(`{"${key}": "${value}"}`)) {
      violations.add(itemPath, 'is not a valid JSON object');
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
