import { isUrl } from '../../model/is-url.ts';
import type { ValidationContext } from '../../model/resource-type.ts';
import { parseRequestUrl } from '../../model/url.ts';
import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateOwnTargetRef } from '../common/target-ref-validation.ts';
import { parseDecimal } from '../common/value-rules.ts';
import type { MeshTraceSpec, TraceBackend, TraceConf } from './schema.ts';

const topKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshGateway',
  'MeshService',
  'MeshServiceSubset',
  'Dataplane',
];

/** Where each type of backend has its settings. */
const backendMembers = { Datadog: 'datadog', Zipkin: 'zipkin', OpenTelemetry: 'openTelemetry' } as const;

/** Kuma's rules for a MeshTrace, in its order and words. */
export function validateMeshTrace(spec: MeshTraceSpec, { labels }: ValidationContext): Violations {
  const violations = new Violations();
  validateOwnTargetRef(violations, spec.targetRef, labels, { kinds: topKinds });
  const { backends, tags = [], sampling = {} } = spec.default;
  const path = 'spec.default';
  if (backends === undefined) {
    violations.add(field(path, 'backends'), 'must be defined');
  }
  // The schema takes one at most.
  for (const [position, backend] of (backends ?? []).entries()) {
    validateBackend(violations, index(field(path, 'backends'), position), backend);
  }
  validateTags(violations, field(path, 'tags'), tags);
  for (const name of ['client', 'random', 'overall'] as const) {
    validateSampling(violations, field(field(path, 'sampling'), name), sampling[name]);
  }
  return violations;
}

function validateBackend(violations: Violations, path: string, backend: TraceBackend): void {
  const { type, datadog, zipkin } = backend;
  const memberPath = field(path, backendMembers[type]);
  if (backend[backendMembers[type]] === undefined) {
    violations.add(memberPath, 'must be defined');
  } else if (type === 'Datadog' && datadog !== undefined) {
    validateDatadogUrl(violations, field(memberPath, 'url'), datadog.url);
  } else if (type === 'Zipkin' && zipkin !== undefined) {
    validateZipkinUrl(violations, field(memberPath, 'url'), zipkin.url);
  }
}

function validateZipkinUrl(violations: Violations, path: string, url: string): void {
  if (url === '') {
    violations.add(path, 'must not be empty');
  } else if (!isUrl(url)) {
    violations.add(path, 'must be a valid url');
  }
}

/** Datadog's agent is a host and a port that speaks HTTP. */
function validateDatadogUrl(violations: Violations, path: string, text: string): void {
  const url = parseRequestUrl(text);
  if (url === undefined) {
    violations.add(path, 'must be a valid url');
    return;
  }
  if (url.scheme !== 'http') {
    violations.add(path, 'scheme must be http');
  }
  if (url.port === '') {
    violations.add(path, 'port must be defined');
  } else if (Number(url.port) < 1 || Number(url.port) > 65_535) {
    violations.add(path, 'port must be a valid (1-65535)');
  }
  const { opaque, user, path: urlPath, query } = url;
  for (const [name, value] of Object.entries({ opaque, user, path: urlPath, query })) {
    if (value !== undefined && (value !== '' || name === 'user')) {
      violations.add(path, `${name} must not be defined`);
    }
  }
}

function validateTags(violations: Violations, path: string, tags: NonNullable<TraceConf['tags']>): void {
  for (const [position, { name, header, literal }] of tags.entries()) {
    const tagPath = index(path, position);
    if (name === '') {
      violations.add(field(tagPath, 'name'), 'must not be empty');
    }
    if ((header === undefined) === (literal === undefined)) {
      violations.add(tagPath, 'tag must have only one type defined: header, literal');
    }
  }
}

function validateSampling(violations: Violations, path: string, value: number | string | undefined): void {
  if (value === undefined) {
    return;
  }
  const percentage = parseDecimal(value);
  if (percentage === undefined) {
    violations.add(path, 'string is not a number');
  } else if (percentage < 0 || percentage > 100) {
    violations.add(path, 'must be between 0 and 100');
  }
}
