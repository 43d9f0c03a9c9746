import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { connectionFields } from '../common/connection.ts';

/** Where some of the requests go. */
const splitSchema = proto.message({
  weight: proto.uint32Value().describe('In relation to the other weights.'),
  destination: proto.map(),
});

const loadBalancerSchema = proto.message(
  {
    roundRobin: proto.optional(proto.message({})),
    leastRequest: proto.optional(proto.message({ choiceCount: proto.uint32() })),
    ringHash: proto.optional(
      proto.message({
        hashFunction: proto.string().describe('XX_HASH or MURMUR_HASH_2.'),
        minRingSize: proto.uint64(),
        maxRingSize: proto.uint64(),
      }),
    ),
    random: proto.optional(proto.message({})),
    maglev: proto.optional(proto.message({})),
  },
  ['roundRobin', 'leastRequest', 'ringHash', 'random', 'maglev'],
);

const stringMatcherSchema = proto.message(
  { prefix: proto.presentString(), exact: proto.presentString(), regex: proto.presentString() },
  ['prefix', 'exact', 'regex'],
);

const matchSchema = proto.message({
  method: proto.optional(stringMatcherSchema),
  path: proto.optional(stringMatcherSchema),
  headers: proto.messageMap(stringMatcherSchema),
});

const regexReplaceSchema = proto.message({ pattern: proto.string(), substitution: proto.string() });

const headersSchema = proto.message({
  add: proto.repeated(proto.message({ name: proto.string(), value: proto.string(), append: proto.bool() })),
  remove: proto.repeated(proto.message({ name: proto.string() })),
});

const modifySchema = proto.message({
  path: proto.optional(
    proto.message({ rewritePrefix: proto.presentString(), regex: proto.optional(regexReplaceSchema) }, [
      'rewritePrefix',
      'regex',
    ]),
  ),
  host: proto.optional(
    proto.message({ value: proto.presentString(), fromPath: proto.optional(regexReplaceSchema) }, [
      'value',
      'fromPath',
    ]),
  ),
  requestHeaders: proto.optional(headersSchema),
  responseHeaders: proto.optional(headersSchema),
});

/** One route of HTTP requests; the first that matches counts. */
const httpSchema = proto.message({
  match: proto.optional(matchSchema),
  modify: proto.optional(modifySchema),
  split: proto.repeated(splitSchema),
  destination: proto.presentMap(),
});

/** Kuma's `TrafficRoute` (`api/mesh/v1alpha1/traffic_route.proto`). */
export const trafficRouteSchema = proto.message({
  ...connectionFields,
  conf: proto.optional(
    proto.message({
      split: proto.repeated(splitSchema),
      loadBalancer: proto.optional(loadBalancerSchema),
      destination: proto.presentMap(),
      http: proto.repeated(httpSchema),
    }),
  ),
});

export type TrafficRouteSpec = z.output<typeof trafficRouteSchema>;
export type Split = z.output<typeof splitSchema>;
export type LoadBalancer = z.output<typeof loadBalancerSchema>;
export type StringMatcher = z.output<typeof stringMatcherSchema>;
export type Match = z.output<typeof matchSchema>;
export type Modify = z.output<typeof modifySchema>;
export type RegexReplace = z.output<typeof regexReplaceSchema>;
export type Headers = z.output<typeof headersSchema>;
