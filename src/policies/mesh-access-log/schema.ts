import * as z from 'zod';
import { withDefault } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const commands = 'Takes Envoy’s command operators and `%KUMA_MESH%` and the like.';

/** A member of what is logged: both sides are texts with Envoy's command operators. */
const jsonValue = z.object({ key: z.string(), value: z.string() });

const logFormatSchema = z.object({
  type: z.enum(['Plain', 'Json']),
  plain: z.string().describe(`A line. ${commands}`).exactOptional(),
  json: z.array(jsonValue).describe(`The members of an object. ${commands}`).exactOptional(),
  omitEmptyValues: withDefault(false, z.boolean()),
});

const logBackendSchema = z.object({
  type: z.enum(['Tcp', 'File', 'OpenTelemetry']),
  tcp: z
    .object({
      format: logFormatSchema.exactOptional(),
      address: z.string().min(1).describe('`HOST:PORT`.'),
    })
    .exactOptional(),
  file: z
    .object({
      format: logFormatSchema.exactOptional(),
      path: z.string().min(1).describe('A file of the proxy, such as `/dev/stdout`.'),
    })
    .exactOptional(),
  openTelemetry: z
    .object({
      attributes: z.array(jsonValue).describe(commands).exactOptional(),
      body: z.unknown().describe(`A text, or an OTLP AnyValue. ${commands}`).exactOptional(),
      endpoint: z.string().min(1).describe('`HOST:PORT`; 4317 where no port is given.'),
    })
    // A null is no body.
    .overwrite(({ body, ...backend }) =>
      body === undefined || body === null ? backend : { ...backend, body },
    )
    .exactOptional(),
});

const logConfSchema = z.object({ backends: z.array(logBackendSchema).exactOptional() });

const item = z.object({ targetRef: targetRefSchema, default: logConfSchema });

/** Kuma's `MeshAccessLog`. */
export const meshAccessLogSchema = z.object({
  targetRef: targetRefSchema.describe('The proxies it is for; the whole mesh when absent.').exactOptional(),
  to: z.array(item).exactOptional(),
  from: z.array(item).exactOptional(),
  rules: z.array(z.object({ default: logConfSchema })).exactOptional(),
});

export type MeshAccessLogSpec = z.output<typeof meshAccessLogSchema>;
export type AccessLogConf = z.output<typeof logConfSchema>;
export type LogBackend = z.output<typeof logBackendSchema>;
export type LogFormat = z.output<typeof logFormatSchema>;
