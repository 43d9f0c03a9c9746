import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { selectors } from '../../../model/selectors.ts';

/** Kuma's `TrafficTrace` (`api/mesh/v1alpha1/traffic_trace.proto`): tracing of proxies. */
export const trafficTraceSchema = proto.message({
  selectors: selectors(),
  conf: proto.optional(
    proto.message({
      backend: proto.string().describe("One of the mesh's tracing backends; its default one when absent."),
    }),
  ),
});

export type TrafficTraceSpec = z.output<typeof trafficTraceSchema>;
