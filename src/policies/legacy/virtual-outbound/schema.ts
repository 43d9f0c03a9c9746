import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { selectors } from '../../../model/selectors.ts';

const parameterSchema = proto.message({
  name: proto.string().describe('What templates call it.'),
  tagKey: proto.string().describe('The tag that it has its value from; the one of its own name when absent.'),
});

const confSchema = proto.message({
  host: proto.string().describe('A Go template for the host name.'),
  port: proto.string().describe('A Go template for the port.'),
  parameters: proto.repeated(parameterSchema),
});

/** Kuma's `VirtualOutbound` (`api/mesh/v1alpha1/virtual_outbound.proto`): host names made from tags. */
export const virtualOutboundSchema = proto.message({
  selectors: selectors(),
  conf: proto.optional(confSchema),
});

export type VirtualOutboundSpec = z.output<typeof virtualOutboundSchema>;
export type VirtualOutboundConf = z.output<typeof confSchema>;
