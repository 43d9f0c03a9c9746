import type * as z from 'zod';
import * as proto from '../../proto-json.ts';
import { selectors } from '../../selectors.ts';
import { dataSourceSchema } from '../data-source.ts';

const tlsSchema = proto.message({
  mode: proto.enumeration('MeshGateway.TLS.Mode', ['NONE', 'TERMINATE', 'PASSTHROUGH']),
  certificates: proto
    .repeated(dataSourceSchema)
    .describe('At most one RSA and one ECDSA certificate, each with its key.'),
  options: proto.optional(proto.message({})),
});

const listenerSchema = proto.message({
  hostname: proto.string().describe('* when absent.'),
  port: proto.uint32(),
  protocol: proto.enumeration(
    'MeshGateway.Listener.Protocol',
    ['NONE', 'TCP', 'TLS', 'HTTP', 'HTTPS'],
    [0, 1, 3, 4, 5],
  ),
  tls: proto.optional(tlsSchema),
  tags: proto.map(),
  crossMesh: proto.bool().describe('Reachable from other meshes, and only from there.'),
  resources: proto.optional(proto.message({ connectionLimit: proto.uint32() })),
});

/** Kuma's `MeshGateway` (`api/mesh/v1alpha1/gateway.proto`): the listeners of builtin gateways. */
export const meshGatewaySchema = proto.message({
  selectors: selectors(),
  tags: proto.map(),
  conf: proto.optional(proto.message({ listeners: proto.repeated(listenerSchema) })),
});

export type MeshGatewaySpec = z.output<typeof meshGatewaySchema>;
export type GatewayListener = z.output<typeof listenerSchema>;
