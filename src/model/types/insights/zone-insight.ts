import * as proto from '../../proto-json.ts';
import { insightType } from './insight-type.ts';

/**
 * Kuma's `ZoneInsight`: what a global control plane knows of the zones that are connected to it. This one is a zone
 * of its own, to which none connect, so there are none.
 */
export const zoneInsightType = insightType({
  name: 'ZoneInsight',
  scope: 'Global',
  path: 'zone-insights',
  singularDisplayName: 'Zone Insight',
  pluralDisplayName: 'Zone Insights',
  providedByZone: true,
  schema: proto.message({
    subscriptions: proto.repeated(
      proto.message({
        id: proto.string(),
        globalInstanceId: proto.string(),
        connectTime: proto.timestamp(),
        disconnectTime: proto.timestamp(),
        generation: proto.uint32(),
        config: proto.string(),
        authTokenProvided: proto.bool(),
        zoneInstanceId: proto.string(),
      }),
    ),
    healthCheck: proto.optional(proto.message({ time: proto.timestamp() })),
  }),
});
