import * as z from 'zod';
import { duration, uint32, withDefault } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const selectorSchema = z.object({
  type: z.enum(['Prefix', 'Regex', 'Exact', 'Contains']),
  match: z.string().describe('What the name of a metric is compared with.'),
});

const metricBackendSchema = z.object({
  type: z.enum(['Prometheus', 'OpenTelemetry']),
  prometheus: z
    .object({
      clientId: z.string().describe('The Prometheus that discovers proxies by MADS.').exactOptional(),
      port: withDefault(5670, uint32()),
      path: withDefault('/metrics', z.string()),
      tls: z
        .object({ mode: withDefault('Disabled', z.enum(['Disabled', 'ProvidedTLS', 'ActiveMTLSBackend'])) })
        .exactOptional(),
    })
    .exactOptional(),
  openTelemetry: z
    .object({
      endpoint: z.string().describe('`HOST:PORT` of a collector.'),
      refreshInterval: duration().describe('How often metrics are pushed.').exactOptional(),
    })
    .exactOptional(),
});

const metricConfSchema = z.object({
  sidecar: z
    .object({
      profiles: z
        .object({
          appendProfiles: z.array(z.object({ name: z.enum(['All', 'Basic', 'None']) })).exactOptional(),
          exclude: z.array(selectorSchema).exactOptional(),
          include: z.array(selectorSchema).describe('Wins over `exclude`.').exactOptional(),
        })
        .exactOptional(),
      includeUnused: z
        .boolean()
        .describe('Whether metrics that never changed are shown; false when absent.')
        .exactOptional(),
    })
    .exactOptional(),
  applications: z
    .array(
      z.object({
        name: z.string().exactOptional(),
        path: withDefault('/metrics', z.string()),
        address: z.string().describe('That of the Dataplane when absent.').exactOptional(),
        port: uint32(),
      }),
    )
    .exactOptional(),
  backends: z.array(metricBackendSchema).exactOptional(),
});

/** Kuma's `MeshMetric`. */
export const meshMetricSchema = z.object({
  targetRef: targetRefSchema.describe('The proxies it is for; the whole mesh when absent.').exactOptional(),
  default: metricConfSchema.prefault({}),
});

export type MeshMetricSpec = z.output<typeof meshMetricSchema>;
export type MetricSelector = z.output<typeof selectorSchema>;
export type MetricBackend = z.output<typeof metricBackendSchema>;
