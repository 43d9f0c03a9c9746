import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { selectors } from '../../../model/selectors.ts';
import { httpMethods } from '../common/http-method.ts';

const backendSchema = proto.message({
  weight: proto.uint32().describe('In relation to the other weights.'),
  destination: proto.map(),
});

const matchTypes = 'MeshGatewayRoute.HttpRoute.Match';

const matchSchema = proto.message({
  path: proto.optional(
    proto.message({
      match: proto.enumeration(`${matchTypes}.Path.MatchType`, ['EXACT', 'PREFIX', 'REGEX']),
      value: proto.string(),
    }),
  ),
  method: proto.enumeration('HttpMethod', httpMethods),
  headers: proto.repeated(
    proto.message({
      match: proto.enumeration(`${matchTypes}.Header.MatchType`, ['EXACT', 'REGEX', 'ABSENT', 'PRESENT']),
      name: proto.string(),
      value: proto.string(),
    }),
  ),
  queryParameters: proto.repeated(
    proto.message({
      match: proto.enumeration(`${matchTypes}.Query.MatchType`, ['EXACT', 'REGEX']),
      name: proto.string(),
      value: proto.string(),
    }),
  ),
});

const headerSchema = proto.message({ name: proto.string(), value: proto.string() });

const headerFilterSchema = proto.message({
  set: proto.repeated(headerSchema),
  add: proto.repeated(headerSchema),
  remove: proto.strings(),
});

const rewriteSchema = proto.message(
  {
    replaceFull: proto.presentString(),
    replacePrefixMatch: proto.presentString(),
    hostToBackendHostname: proto.bool(),
  },
  ['replaceFull', 'replacePrefixMatch'],
);

const filterSchema = proto.message(
  {
    requestHeader: proto.optional(headerFilterSchema),
    mirror: proto.optional(
      proto.message({ backend: proto.optional(backendSchema), percentage: proto.doubleValue() }),
    ),
    redirect: proto.optional(
      proto.message({
        scheme: proto.string(),
        hostname: proto.string(),
        port: proto.uint32(),
        statusCode: proto.uint32(),
        path: proto.optional(rewriteSchema),
      }),
    ),
    rewrite: proto.optional(rewriteSchema),
    responseHeader: proto.optional(headerFilterSchema),
  },
  ['requestHeader', 'mirror', 'redirect', 'rewrite', 'responseHeader'],
);

const httpRuleSchema = proto.message({
  matches: proto.repeated(matchSchema),
  filters: proto.repeated(filterSchema),
  backends: proto.repeated(backendSchema),
});

const confSchema = proto.message(
  {
    tcp: proto.optional(
      proto.message({
        rules: proto.repeated(proto.message({ backends: proto.repeated(backendSchema) })),
      }),
    ),
    http: proto.optional(
      proto.message({
        hostnames: proto.strings().describe("All that the gateway's listener takes, when absent."),
        rules: proto.repeated(httpRuleSchema),
      }),
    ),
  },
  ['tcp', 'http'],
);

/** Kuma's `MeshGatewayRoute` (`api/mesh/v1alpha1/gateway_route.proto`). */
export const meshGatewayRouteSchema = proto.message({
  selectors: selectors(),
  conf: proto.optional(confSchema),
});

export type MeshGatewayRouteSpec = z.output<typeof meshGatewayRouteSchema>;
export type Backend = z.output<typeof backendSchema>;
export type Match = z.output<typeof matchSchema>;
export type Filter = z.output<typeof filterSchema>;
export type HttpRule = z.output<typeof httpRuleSchema>;
