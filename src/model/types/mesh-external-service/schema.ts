import * as z from 'zod';
import { bytes, int32, withDefault } from '../../spec-fields.ts';
import { extensionSchema } from '../extension.ts';
import { addressesSchema, hostnameGeneratorsSchema, vipSchema } from '../service-status.ts';
import { tlsVersionSchema } from '../tls-version.ts';

const port = () => int32().min(1).max(65_535);

/** Where a certificate or key comes from. */
const dataSourceSchema = z.object({
  secret: z.string().describe('The name of a Secret of the mesh.').exactOptional(),
  inline: bytes().exactOptional(),
  inlineString: z.string().exactOptional(),
});

const verificationSchema = z.object({
  mode: withDefault('Secured', z.enum(['SkipSAN', 'SkipCA', 'Secured', 'SkipAll'])).describe(
    'What of the certificate of the service is not looked at.',
  ),
  serverName: z
    .string()
    .describe('What the service is asked for (SNI) in place of its address.')
    .exactOptional(),
  subjectAltNames: z
    .array(z.object({ type: withDefault('Exact', z.enum(['Exact', 'Prefix'])), value: z.string() }))
    .exactOptional(),
  caCert: dataSourceSchema.exactOptional(),
  clientCert: dataSourceSchema.exactOptional(),
  clientKey: dataSourceSchema.exactOptional(),
});

const tlsSchema = z.object({
  enabled: withDefault(false, z.boolean()),
  version: tlsVersionSchema.exactOptional(),
  allowRenegotiation: withDefault(false, z.boolean()),
  verification: verificationSchema.exactOptional(),
});

/** Kuma's `MeshExternalService`: a service outside the mesh that its members reach by a name of the mesh. */
export const meshExternalServiceSchema = z.object({
  match: z
    .object({
      type: withDefault('HostnameGenerator', z.enum(['HostnameGenerator'])),
      port: port(),
      protocol: withDefault('tcp', z.enum(['tcp', 'grpc', 'http', 'http2'])),
    })
    .describe('Where members of the mesh reach it.'),
  extension: extensionSchema.describe('Takes the place of the rules for endpoints and TLS.').exactOptional(),
  endpoints: z.array(z.object({ address: z.string().min(1), port: port() })).exactOptional(),
  tls: tlsSchema.describe('How proxies wrap connections to it in TLS.').exactOptional(),
});

export type MeshExternalServiceSpec = z.output<typeof meshExternalServiceSchema>;
export type ExternalTls = z.output<typeof tlsSchema>;

export const meshExternalServiceStatusSchema = z.object({
  vip: vipSchema.exactOptional(),
  addresses: addressesSchema.exactOptional(),
  hostnameGenerators: hostnameGeneratorsSchema.exactOptional(),
});
