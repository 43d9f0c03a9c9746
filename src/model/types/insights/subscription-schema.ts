import * as proto from '../../proto-json.ts';

const serviceStatsSchema = proto.message({
  responsesSent: proto.uint64(),
  responsesAcknowledged: proto.uint64(),
  responsesRejected: proto.uint64(),
});

/** One stream of a proxy (Kuma's `DiscoverySubscription`). */
export const subscriptionSchema = proto.message({
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
