import * as z from 'zod';
import { backendRefSchema } from '../common/backend-ref.ts';
import {
  headerMatchSchema,
  headerValues,
  int32,
  intOrString,
  listOf,
  withDefault,
  withoutNulls,
} from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const pathMatchSchema = z.object({
  type: z.enum(['Exact', 'PathPrefix', 'RegularExpression']),
  value: z.string().min(1).describe('An absolute path, or a regular expression. A prefix ends at a slash.'),
});

const queryParameterMatchSchema = z.object({
  type: z.enum(['Exact', 'RegularExpression']),
  name: z.string().min(1),
  value: z.string(),
});

const matchSchema = z
  .object({
    path: pathMatchSchema.exactOptional(),
    method: z
      .enum(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'])
      .exactOptional(),
    queryParams: z.array(queryParameterMatchSchema).exactOptional(),
    headers: z.array(headerMatchSchema).exactOptional(),
  })
  .describe('All of its members have to match; a request that none is said about matches.');

const headerModifierSchema = z
  .object({
    set: headerValues().exactOptional(),
    add: headerValues().exactOptional(),
    remove: listOf(z.string(), 16).exactOptional(),
  })
  .describe('What is done to headers; each is named once.');

const hostname = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
  .describe('A name in the DNS (RFC 1123), no address.');

const pathRewriteSchema = z.object({
  type: z.enum(['ReplaceFullPath', 'ReplacePrefixMatch']),
  replaceFullPath: z.string().exactOptional(),
  replacePrefixMatch: z.string().exactOptional(),
});

const redirectSchema = z.object({
  scheme: z.enum(['http', 'https']).exactOptional(),
  hostname: hostname.exactOptional(),
  path: pathRewriteSchema.describe("The request's path when absent.").exactOptional(),
  port: int32().min(1).max(65_535).describe("The request's port when absent.").exactOptional(),
  statusCode: withDefault(302, z.literal([301, 302, 303, 307, 308])),
});

const urlRewriteSchema = z.object({
  hostname: hostname.exactOptional(),
  path: pathRewriteSchema.exactOptional(),
  hostToBackendHostname: z.boolean().describe('Of gateways only.').exactOptional(),
});

const mirrorSchema = withoutNulls(
  ['percentage'],
  z.object({
    percentage: intOrString().describe('All requests when absent.').exactOptional(),
    backendRef: backendRefSchema,
  }),
);

/** What is done to a request or its answer: the member that `type` names. */
const filterSchema = z.object({
  type: z.enum([
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
    'RequestRedirect',
    'URLRewrite',
    'RequestMirror',
  ]),
  requestHeaderModifier: headerModifierSchema.exactOptional(),
  responseHeaderModifier: headerModifierSchema.exactOptional(),
  requestRedirect: redirectSchema.exactOptional(),
  urlRewrite: urlRewriteSchema.exactOptional(),
  requestMirror: mirrorSchema.exactOptional(),
});

const ruleSchema = z.object({
  matches: z.array(matchSchema).min(1).describe('A request matches the rule if it matches any of them.'),
  default: z.object({
    filters: z.array(filterSchema).exactOptional(),
    backendRefs: z.array(backendRefSchema).exactOptional(),
  }),
});

const toSchema = z.object({
  hostnames: z
    .array(z.string())
    .describe('Of gateways only: the host names that the rules are for.')
    .exactOptional(),
  targetRef: targetRefSchema,
  rules: z.array(ruleSchema),
});

/** Kuma's `MeshHTTPRoute`. */
export const meshHttpRouteSchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  to: z.array(toSchema).exactOptional(),
});

export type MeshHttpRouteSpec = z.output<typeof meshHttpRouteSchema>;
export type HttpRouteMatch = z.output<typeof matchSchema>;
export type HttpRouteFilter = z.output<typeof filterSchema>;
export type HttpRouteRule = z.output<typeof ruleSchema>;
export type HttpHeaderModifier = z.output<typeof headerModifierSchema>;
