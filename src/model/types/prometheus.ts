import * as z from 'zod';
import * as proto from '../proto-json.ts';
import { patternProblem } from '../regular-expression.ts';
import { serviceTag } from '../tags.ts';
import { field, index, type Violations } from '../violations.ts';
import { parseConfig } from './backend-config.ts';
import type { MetricsBackend } from './dataplane-schema.ts';

/** The one type of metrics backend. */
export const prometheusType = 'prometheus';

/** `conf` of a metrics backend of type `prometheus`. */
export const prometheusConfigSchema = proto.message({
  port: proto.uint32(),
  path: proto.string(),
  tags: proto.map(),
  skipMTLS: proto.boolValue(),
  aggregate: proto.repeated(
    proto.message({
      name: proto.string(),
      port: proto.uint32(),
      path: proto.string(),
      enabled: proto.boolValue(),
      address: proto.string(),
    }),
  ),
  envoy: proto.optional(proto.message({ filterRegex: proto.string(), usedOnly: proto.boolValue() })),
  tls: proto.optional(
    proto.message({
      mode: proto.enumeration('PrometheusTlsConfig.Mode', ['activeMTLSBackend', 'providedTLS', 'disabled']),
    }),
  ),
});

export type PrometheusConfig = z.output<typeof prometheusConfigSchema>;

/** Kuma's rules for `conf` of a metrics backend of type `prometheus`. */
export function validatePrometheusConfig(
  violations: Violations,
  path: string,
  conf: MetricsBackend['conf'],
): void {
  const config = parseConfig(violations, path, prometheusConfigSchema, conf);
  if (config === undefined) {
    return;
  }
  if (config.skipMTLS !== undefined && config.tls !== undefined && !agree(config)) {
    violations.add(path, 'skipMTLS and tls configuration cannot be defined together');
    return;
  }
  const problem = patternProblem(config.envoy?.filterRegex ?? '');
  if (problem !== undefined) {
    violations.add(field(path, 'envoy.filterRegex'), `provided regexp isn't correct: ${problem}`);
    return;
  }
  const names = new Set<string>();
  for (const [position, { name = '' }] of (config.aggregate ?? []).entries()) {
    if (names.has(name)) {
      const message = `duplicate entry: ${name}, values have to be unique`;
      violations.add(field(index(field(path, 'aggregate'), position), 'name'), message);
    }
    names.add(name);
  }
}

/** Fills in what a metrics backend of a mesh does not say, as Kuma does before it stores the mesh. */
export function withPrometheusDefaults(backend: MetricsBackend): MetricsBackend {
  const parsed = prometheusConfigSchema.safeParse(backend.conf ?? {});
  if (backend.type !== prometheusType || !parsed.success) {
    return backend;
  }
  const config = withTls(parsed.data);
  const completed = {
    ...config,
    port: config.port ?? 5670,
    path: config.path ?? '/metrics',
    tags: config.tags ?? { [serviceTag]: 'dataplane-metrics' },
  };
  return { ...backend, conf: z.record(z.string(), z.json()).parse(completed) };
}

function withTls(config: PrometheusConfig): PrometheusConfig {
  if (config.tls === undefined) {
    return { ...config, tls: config.skipMTLS === true ? { mode: 'disabled' } : {} };
  }
  if (config.tls.mode === 'providedTLS') {
    const { skipMTLS: _, ...rest } = config;
    return rest;
  }
  return config;
}

/** Whether the old setting and the new one say the same. */
function agree(config: PrometheusConfig): boolean {
  const mode = config.tls?.mode ?? 'activeMTLSBackend';
  return config.skipMTLS === true ? mode === 'disabled' : mode === 'activeMTLSBackend';
}
