import * as z from 'zod';
import * as proto from '../../proto-json.ts';
import { insightType } from './insight-type.ts';

/** What a service is; absent for `internal`. */
export const serviceTypes = ['internal', 'external', 'gateway_delegated', 'gateway_builtin'] as const;
export type ServiceType = (typeof serviceTypes)[number];

const statuses = ['none', 'offline', 'partially_degraded', 'online', 'not_available'] as const;

const serviceInsightSchema = proto.message({
  /** Absent for a service that there is not. */
  status: proto.enumeration('kuma.mesh.v1alpha1.ServiceInsight.Service.Status', statuses),
  /** Its instances by the status of their proxies; one that is partially degraded counts as offline. */
  dataplanes: proto.optional(
    proto.message({ total: proto.uint32(), online: proto.uint32(), offline: proto.uint32() }),
  ),
  /** How many instances hold a certificate of each backend. */
  issuedBackends: z.record(z.string(), z.number()).exactOptional(),
  serviceType: proto.enumeration('kuma.mesh.v1alpha1.ServiceInsight.Service.Type', serviceTypes),
  addressPort: proto.string(),
  zones: proto.strings(),
});

export type ServiceInsightSpec = z.output<typeof serviceInsightSchema>;

/** Kuma's `ServiceInsight`, as its API shows it: one of each service (`api/mesh/v1alpha1/service_insight.proto`). */
export const serviceInsightType = insightType({
  name: 'ServiceInsight',
  scope: 'Mesh',
  path: 'service-insights',
  singularDisplayName: 'Service Insight',
  pluralDisplayName: 'Service Insights',
  providedByZone: false,
  schema: serviceInsightSchema,
});
