import * as proto from '../../proto-json.ts';
import { insightType } from './insight-type.ts';
import { subscriptionSchema } from './subscription-schema.ts';

/** Kuma's `DataplaneInsight`: what is known of a proxy's streams and certificate (`api/mesh/v1alpha1/dataplane_insight.proto`). */
export const dataplaneInsightType = insightType({
  name: 'DataplaneInsight',
  scope: 'Mesh',
  path: 'dataplane-insights',
  singularDisplayName: 'Dataplane Insight',
  pluralDisplayName: 'Dataplane Insights',
  providedByZone: true,
  schema: proto.message({
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
  }),
});
