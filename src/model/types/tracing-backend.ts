import { parseRequestUri } from '../addresses.ts';
import * as proto from '../proto-json.ts';
import { allowedValues, validatePort } from '../rules.ts';
import { field, type Violations } from '../violations.ts';
import { parseConfig } from './backend-config.ts';
import type { MeshTracing } from './mesh-schema.ts';

type TracingBackend = NonNullable<MeshTracing['backends']>[number];

/** `conf` of a tracing backend of type `zipkin`. */
const zipkinConfigSchema = proto.message({
  url: proto.string(),
  traceId128bit: proto.bool(),
  apiVersion: proto.string(),
  sharedSpanContext: proto.boolValue(),
});
/** `conf` of a tracing backend of type `datadog`. */
const datadogConfigSchema = proto.message({
  address: proto.string(),
  port: proto.uint32(),
  splitService: proto.bool(),
});

const zipkinVersions = ['httpJsonV1', 'httpJson', 'httpProto'];

/** Kuma's rules for one backend of `tracing`. */
export function validateTracingBackend(violations: Violations, path: string, backend: TracingBackend): void {
  if (backend.name === undefined) {
    violations.add(field(path, 'name'), 'cannot be empty');
  }
  const sampling = backend.sampling ?? 0;
  if (sampling < 0 || sampling > 100) {
    violations.add(field(path, 'sampling'), 'has to be in [0.0 - 100.0] range');
  }
  switch (backend.type) {
    case 'zipkin':
      validateZipkin(violations, field(path, 'config'), backend.conf);
      break;
    case 'datadog':
      validateDatadog(violations, field(path, 'config'), backend.conf);
      break;
    default:
      violations.add(field(path, 'type'), 'unknown backend type. Available backends: "zipkin", "datadog"');
  }
}

function validateZipkin(violations: Violations, path: string, conf: TracingBackend['conf']): void {
  const config = parseConfig(violations, path, zipkinConfigSchema, conf);
  if (config === undefined) {
    return;
  }
  if (config.apiVersion !== undefined && !zipkinVersions.includes(config.apiVersion)) {
    violations.add(field(path, 'apiVersion'), `has invalid value. ${allowedValues(zipkinVersions)}`);
  }
  if (config.url === undefined) {
    violations.add(field(path, 'url'), 'cannot be empty');
    return;
  }
  const uri = parseRequestUri(config.url);
  if (uri === undefined) {
    violations.add(field(path, 'url'), 'invalid URL');
  } else if (uri.port === '') {
    violations.add(field(path, 'url'), 'port has to be explicitly specified');
  }
}

function validateDatadog(violations: Violations, path: string, conf: TracingBackend['conf']): void {
  const config = parseConfig(violations, path, datadogConfigSchema, conf);
  if (config === undefined) {
    return;
  }
  if (config.address === undefined) {
    violations.add(field(path, 'address'), 'cannot be empty');
  }
  validatePort(violations, field(path, 'port'), config.port);
}
