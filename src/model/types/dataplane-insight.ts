import type { z } from 'zod';
import * as proto from '../proto-json.ts';
import type { ResourceType } from '../resource-type.ts';
import { Violations } from '../violations.ts';

const serviceStatsSchema = proto.message({
  responsesSent: proto.uint64(),
  responsesAcknowledged: proto.uint64(),
  responsesRejected: proto.uint64(),
});

const subscriptionSchema = proto.message({
  id: proto.string(),
  controlPlaneInstanceId: proto.string(),
  connectTime: proto.timestamp(),
  /** Absent while the stream is open. */
  disconnectTime: proto.timestamp(),
  status: proto.optional(
    proto.message({
      lastUpdateTime: proto.timestamp(),
      total: proto.optional(serviceStatsSchema),
      cds: proto.optional(serviceStatsSchema),
      eds: proto.optional(serviceStatsSchema),
      lds: proto.optional(serviceStatsSchema),
      rds: proto.optional(serviceStatsSchema),
    }),
  ),
  version: proto.optional(
    proto.message({
      kumaDp: proto.optional(
        proto.message({
          version: proto.string(),
          gitTag: proto.string(),
          gitCommit: proto.string(),
          buildDate: proto.string(),
          kumaCpCompatible: proto.bool(),
        }),
      ),
      envoy: proto.optional(
        proto.message({ version: proto.string(), build: proto.string(), kumaDpCompatible: proto.bool() }),
      ),
      dependencies: proto.map(),
    }),
  ),
  generation: proto.uint32(),
});

/** What is known of a proxy's streams and certificate (`api/mesh/v1alpha1/dataplane_insight.proto`). */
export const dataplaneInsightSchema = proto.message({
  /** Oldest first. */
  subscriptions: proto.repeated(subscriptionSchema),
  mTLS: proto.optional(
    proto.message({
      certificateExpirationTime: proto.timestamp(),
      lastCertificateRegeneration: proto.timestamp(),
      certificateRegenerations: proto.uint32(),
      issuedBackend: proto.string(),
      supportedBackends: proto.strings(),
    }),
  ),
  metadata: proto.struct(),
});

export type DataplaneInsightSpec = z.output<typeof dataplaneInsightSchema>;

/** Kuma's `DataplaneInsight`. The control plane writes it, users read it. */
export const dataplaneInsightType: ResourceType<DataplaneInsightSpec> = {
  name: 'DataplaneInsight',
  scope: 'Mesh',
  path: 'dataplane-insights',
  singularDisplayName: 'Dataplane Insight',
  pluralDisplayName: 'Dataplane Insights',
  shortName: '',
  readOnly: true,
  layout: 'flat',
  secret: false,
  includeInFederation: false,
  providedByZone: true,
  schema: dataplaneInsightSchema,
  validate: () => new Violations(),
};
