import * as z from 'zod';
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
  givenRevision: z.int().describe("The mesh's revision that it was given last.").exactOptional(),
  acknowledgedRevision: z.int().describe('The last one that it acknowledged.').exactOptional(),
  refused: z
    .array(z.string())
    .describe('The types of which it does not hold what it was last sent, because it refused it.')
    .exactOptional(),
  lastNack: z
    .object({ typeUrl: z.string(), message: z.string(), time: z.string() })
    .describe("The last refusal, in Envoy's words.")
    .exactOptional(),
});
