import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { connectionFields } from '../common/connection.ts';

/** The faults; each hits the given share of requests, in percent. */
const confSchema = proto.message({
  delay: proto.optional(proto.message({ percentage: proto.doubleValue(), value: proto.duration() })),
  abort: proto.optional(proto.message({ percentage: proto.doubleValue(), httpStatus: proto.uint32Value() })),
  responseBandwidth: proto.optional(
    proto.message({
      percentage: proto.doubleValue(),
      limit: proto.presentString().describe('Such as 50 mbps.'),
    }),
  ),
});

/** Kuma's `FaultInjection` (`api/mesh/v1alpha1/fault_injection.proto`). */
export const faultInjectionSchema = proto.message({ ...connectionFields, conf: proto.optional(confSchema) });

export type FaultInjectionSpec = z.output<typeof faultInjectionSchema>;
