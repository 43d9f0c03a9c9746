import * as proto from '../../proto-json.ts';
import { insightType } from './insight-type.ts';
import { subscriptionSchema } from './subscription-schema.ts';

const zoneProxyInsightSchema = proto.message({
  /** Oldest first. */
  subscriptions: proto.repeated(subscriptionSchema),
  metadata: proto.struct(),
});

/** Kuma's `ZoneIngressInsight`: what is known of a zone ingress's streams. */
export const zoneIngressInsightType = insightType({
  name: 'ZoneIngressInsight',
  scope: 'Global',
  path: 'zone-ingress-insights',
  singularDisplayName: 'Zone Ingress Insight',
  pluralDisplayName: 'Zone Ingress Insights',
  providedByZone: true,
  schema: zoneProxyInsightSchema,
});

/** Kuma's `ZoneEgressInsight`: what is known of a zone egress's streams. */
export const zoneEgressInsightType = insightType({
  name: 'ZoneEgressInsight',
  scope: 'Global',
  path: 'zoneegressinsights',
  singularDisplayName: 'Zone Egress Insight',
  pluralDisplayName: 'Zone Egress Insights',
  providedByZone: true,
  schema: zoneProxyInsightSchema,
});
