import * as z from 'zod';
import { uint32, withDefault } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const destinationSchema = z.object({
  type: z.enum(['Domain', 'IP', 'CIDR']),
  value: z.string().describe('Of the type: `a.example` or `*.example`, `192.0.2.1`, `192.0.2.0/24`.'),
  port: uint32().describe('The port that is asked for; every one when absent.').exactOptional(),
  protocol: withDefault('tcp', z.enum(['tcp', 'tls', 'grpc', 'http', 'http2', 'mysql'])),
});

/** Kuma's `MeshPassthrough`. */
export const meshPassthroughSchema = z.object({
  targetRef: targetRefSchema.describe('The proxies it is for; the whole mesh when absent.').exactOptional(),
  default: z
    .object({
      passthroughMode: z
        .enum(['All', 'Matched', 'None'])
        .describe('`appendMatch` counts under `Matched` alone, which goes when it is absent.')
        .exactOptional(),
      appendMatch: z.array(destinationSchema).exactOptional(),
    })
    .prefault({}),
});

export type MeshPassthroughSpec = z.output<typeof meshPassthroughSchema>;
export type PassthroughDestination = z.output<typeof destinationSchema>;
