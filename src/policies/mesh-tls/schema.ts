import * as z from 'zod';
import { withDefault } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

/** What a bound of the version may be; `TLSAuto` leaves it to Envoy. */
export const tlsVersions = ['TLSAuto', 'TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;

const tlsConfSchema = z.object({
  tlsVersion: z
    .object({
      min: withDefault('TLSAuto', z.enum(tlsVersions)),
      max: withDefault('TLSAuto', z.enum(tlsVersions)),
    })
    .exactOptional(),
  tlsCiphers: z
    .array(
      z.enum([
        'ECDHE-ECDSA-AES128-GCM-SHA256',
        'ECDHE-ECDSA-AES256-GCM-SHA384',
        'ECDHE-ECDSA-CHACHA20-POLY1305',
        'ECDHE-RSA-AES128-GCM-SHA256',
        'ECDHE-RSA-AES256-GCM-SHA384',
        'ECDHE-RSA-CHACHA20-POLY1305',
      ]),
    )
    .exactOptional(),
  mode: z
    .enum(['Permissive', 'Strict'])
    .describe('Whether inbounds take plain connections beside mutual TLS.')
    .exactOptional(),
});

/** Kuma's `MeshTLS`. */
export const meshTlsSchema = z.object({
  targetRef: targetRefSchema.describe('The proxies it is for; the whole mesh when absent.').exactOptional(),
  from: z
    .array(z.object({ targetRef: targetRefSchema, default: tlsConfSchema.prefault({}) }))
    .exactOptional(),
  rules: z.array(z.object({ default: tlsConfSchema.prefault({}) })).exactOptional(),
});

export type MeshTlsSpec = z.output<typeof meshTlsSchema>;
export type TlsConf = z.output<typeof tlsConfSchema>;
