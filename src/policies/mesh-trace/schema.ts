import * as z from 'zod';
import { intOrString, listOf, withDefault, withoutNulls } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const traceBackendSchema = z.object({
  type: z.enum(['Zipkin', 'Datadog', 'OpenTelemetry']),
  zipkin: z
    .object({
      url: z.string().describe('Where spans are posted, such as `http://jaeger:9411/api/v2/spans`.'),
      traceId128bit: withDefault(false, z.boolean()),
      apiVersion: withDefault('httpJson', z.enum(['httpJson', 'httpProto'])),
      sharedSpanContext: withDefault(
        true,
        z.boolean().describe('Whether the spans of client and server share one identifier.'),
      ),
    })
    .exactOptional(),
  datadog: z
    .object({
      url: z.string().describe('`http://HOST:PORT`, and nothing more.'),
      splitService: withDefault(
        false,
        z.boolean().describe('Whether the name of the service tells the direction and the destination.'),
      ),
    })
    .exactOptional(),
  openTelemetry: z
    .object({ endpoint: z.string().min(1).describe('`HOST:PORT` of a collector.') })
    .exactOptional(),
});

const percentage = 'In percent, as a whole number or a decimal one as text; 100 when absent.';

const traceConfSchema = z.object({
  backends: listOf(traceBackendSchema, 1).exactOptional(),
  sampling: withoutNulls(
    ['overall', 'client', 'random'],
    z.object({
      overall: intOrString().describe(`At most this many of all requests. ${percentage}`).exactOptional(),
      client: intOrString()
        .describe(`Of requests that ask for it by \`x-client-trace-id\`. ${percentage}`)
        .exactOptional(),
      random: intOrString().describe(`Of requests that nobody asks for. ${percentage}`).exactOptional(),
    }),
  ).exactOptional(),
  tags: z
    .array(
      z.object({
        name: z.string(),
        literal: z.string().exactOptional(),
        header: z
          .object({
            name: z.string(),
            default: z.string().describe('In place of a header that is missing.').exactOptional(),
          })
          .exactOptional(),
      }),
    )
    .exactOptional(),
});

/** Kuma's `MeshTrace`. */
export const meshTraceSchema = z.object({
  targetRef: targetRefSchema.describe('The proxies it is for; the whole mesh when absent.').exactOptional(),
  default: traceConfSchema.prefault({}),
});

export type MeshTraceSpec = z.output<typeof meshTraceSchema>;
export type TraceConf = z.output<typeof traceConfSchema>;
export type TraceBackend = z.output<typeof traceBackendSchema>;
