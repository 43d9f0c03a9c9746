import * as z from 'zod';
import { KumulusError } from '../../model/errors.ts';

/** Go's JSON takes null, and the absence of a member, for the zero value of its type. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const uint32 = z
  .int()
  .min(0)
  .max(0xffff_ffff)
  .nullish()
  .transform((value) => value ?? 0);
const texts = z
  .array(text)
  .nullish()
  .transform((value) => value ?? []);

function group<Shape extends z.ZodRawShape>(shape: Shape) {
  const schema = z.object(shape);
  return z.preprocess((value) => value ?? {}, schema);
}

const trafficFlow = group({ enabled: flag, port: z.int().min(0).max(65_535).default(0) });

/** `dataplaneConfig`: how kuma-dp was told to redirect traffic. */
const transparentProxy = z.object({
  ipFamilyMode: z
    .string()
    .nullish()
    .transform((value) => (value === undefined || value === null || value === '' ? 'dualstack' : value))
    .refine((value) => ['dualstack', 'ipv4'].includes(value.toLowerCase())),
  redirect: group({ inbound: trafficFlow, outbound: trafficFlow, dns: trafficFlow }),
});

const requestSchema = z.object({
  mesh: text,
  name: text,
  /** `dataplane` when absent. */
  proxyType: text,
  dataplaneToken: text,
  dataplaneTokenPath: text,
  /** The proxy's own resource, JSON or YAML; empty where it was created beforehand. */
  dataplaneResource: text,
  version: group({
    kumaDp: group({ version: text, gitTag: text, gitCommit: text, buildDate: text }),
    envoy: group({ version: text, build: text, kumaDpCompatible: flag }),
  }),
  /** The CA by which kuma-dp trusts this server, in PEM; empty where it was given none. */
  caCert: text,
  dynamicMetadata: z
    .record(z.string(), text)
    .nullish()
    .transform((value) => value ?? {}),
  dnsPort: uint32,
  readinessPort: uint32,
  /** True means that the probe proxy is on, whatever the name says; kuma-dp has sent it so since 2.9. */
  appProbeProxyDisabled: flag,
  features: texts,
  resources: group({
    maxHeapSizeBytes: z
      .int()
      .min(0)
      .nullish()
      .transform((value) => value ?? 0),
  }),
  workdir: text,
  metricsResources: group({ certPath: text, keyPath: text }),
  systemCaPath: text,
  dataplaneConfig: transparentProxy.nullish(),
  ipv6Enabled: flag,
  spireResources: group({ socketPath: text }),
});

/** What kuma-dp sends to `/bootstrap`. */
export type BootstrapRequest = z.output<typeof requestSchema>;
export type TransparentProxyConfig = z.output<typeof transparentProxy>;

/**
 * Reads a request.
 *
 * @throws KumulusError `bad_request` where it is no JSON, or a member has another type than kuma-dp gives it. The
 *   message has nothing of the request, which holds a token.
 */
export function readBootstrapRequest(body: string): BootstrapRequest {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new KumulusError('bad_request', 'the bootstrap request is no JSON');
  }
  const parsed = requestSchema.safeParse(value);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new KumulusError('bad_request', `the bootstrap request cannot be read: ${fields}`);
  }
  return parsed.data;
}
