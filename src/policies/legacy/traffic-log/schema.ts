import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { connectionFields } from '../common/connection.ts';

/** Kuma's `TrafficLog` (`api/mesh/v1alpha1/traffic_log.proto`): access logs of connections. */
export const trafficLogSchema = proto.message({
  ...connectionFields,
  conf: proto.optional(
    proto.message({
      backend: proto.string().describe("One of the mesh's logging backends; its default one when absent."),
    }),
  ),
});

export type TrafficLogSpec = z.output<typeof trafficLogSchema>;
