import * as z from 'zod';
import { duration, intOrString, requiredIntOrString, uint32, withoutNulls } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const hashPolicySchema = z.object({
  type: z.enum(['Header', 'Cookie', 'Connection', 'SourceIP', 'QueryParameter', 'FilterState']),
  terminal: z.boolean().describe('Whether a hash that there is by then ends the list.').exactOptional(),
  header: z.object({ name: z.string().min(1) }).exactOptional(),
  cookie: z
    .object({
      name: z.string().min(1),
      ttl: duration()
        .describe('How long a cookie lives that Envoy sets; it sets none when absent.')
        .exactOptional(),
      path: z.string().exactOptional(),
    })
    .exactOptional(),
  connection: z.object({ sourceIP: z.boolean().exactOptional() }).exactOptional(),
  queryParameter: z.object({ name: z.string().min(1) }).exactOptional(),
  filterState: z.object({ key: z.string().min(1) }).exactOptional(),
});

const hashPolicies = z
  .array(hashPolicySchema)
  .describe('What of a request or its connection is hashed, in this order.');
const olderHashPolicies = z.array(hashPolicySchema).meta({ deprecated: true });

const loadBalancerSchema = z.object({
  type: z.enum(['RoundRobin', 'LeastRequest', 'RingHash', 'Random', 'Maglev']),
  roundRobin: z.object({}).exactOptional(),
  leastRequest: withoutNulls(
    ['activeRequestBias'],
    z.object({
      choiceCount: uint32()
        .min(2)
        .describe('Among how many hosts Envoy chooses; 2 when absent.')
        .exactOptional(),
      activeRequestBias: intOrString()
        .describe('How much requests that are under way weigh.')
        .exactOptional(),
    }),
  ).exactOptional(),
  ringHash: z
    .object({
      hashFunction: z.enum(['XXHash', 'MurmurHash2']).exactOptional(),
      minRingSize: uint32().min(1).max(8_000_000).describe('1024 when absent.').exactOptional(),
      maxRingSize: uint32().min(1).max(8_000_000).describe('8,000,000 when absent.').exactOptional(),
      hashPolicies: olderHashPolicies.exactOptional(),
    })
    .exactOptional(),
  random: z.object({}).exactOptional(),
  maglev: z
    .object({
      tableSize: uint32().min(1).max(5_000_011).describe('A prime; 65537 when absent.').exactOptional(),
      hashPolicies: olderHashPolicies.exactOptional(),
    })
    .exactOptional(),
});

const localZoneSchema = z.object({
  affinityTags: z
    .array(
      z.object({
        key: z.string(),
        weight: uint32()
          .describe('When no tag has one, each gets nine tenths of what is left.')
          .exactOptional(),
      }),
    )
    .exactOptional(),
});

const crossZoneSchema = z.object({
  failover: z
    .array(
      z.object({
        from: z
          .object({ zones: z.array(z.string()) })
          .describe('All zones when absent.')
          .exactOptional(),
        to: z.object({
          type: z.enum(['None', 'Only', 'Any', 'AnyExcept']),
          zones: z.array(z.string()).exactOptional(),
        }),
      }),
    )
    .exactOptional(),
  failoverThreshold: z
    .object({ percentage: requiredIntOrString() })
    .describe('The share of live hosts below which traffic goes to the next zones; 50 when absent.')
    .exactOptional(),
});

const loadBalancingConfSchema = z.object({
  localityAwareness: z
    .object({
      disabled: z.boolean().exactOptional(),
      localZone: localZoneSchema.exactOptional(),
      crossZone: crossZoneSchema.exactOptional(),
    })
    .exactOptional(),
  loadBalancer: loadBalancerSchema.exactOptional(),
  hashPolicies: hashPolicies.exactOptional(),
});

/** Kuma's `MeshLoadBalancingStrategy`. */
export const meshLoadBalancingStrategySchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  to: z
    .array(z.object({ targetRef: targetRefSchema, default: loadBalancingConfSchema.prefault({}) }))
    .exactOptional(),
});

export type MeshLoadBalancingStrategySpec = z.output<typeof meshLoadBalancingStrategySchema>;
export type LoadBalancingConf = z.output<typeof loadBalancingConfSchema>;
export type LoadBalancer = z.output<typeof loadBalancerSchema>;
export type HashPolicy = z.output<typeof hashPolicySchema>;
export type LocalZone = z.output<typeof localZoneSchema>;
export type CrossZone = z.output<typeof crossZoneSchema>;
