import type { LoadBalancer } from './schema.ts';

/** Hash policies have moved out of the load balancer; only those of the algorithm in use are looked at. */
export function hashPolicyDeprecations(
  path: string,
  loadBalancer: LoadBalancer | undefined,
): readonly string[] {
  const algorithm =
    loadBalancer?.type === 'RingHash' ? 'ringHash' : loadBalancer?.type === 'Maglev' ? 'maglev' : undefined;
  const policies = algorithm === undefined ? undefined : loadBalancer?.[algorithm]?.hashPolicies;
  if (policies === undefined) {
    return [];
  }
  const policiesPath = `${path}.loadBalancer.${algorithm}.hashPolicies`;
  return [
    `configuration '${policiesPath}' is deprecated, use '${path}.hashPolicies' instead`,
    ...policies.flatMap(({ type }, position) =>
      type === 'SourceIP'
        ? [`SourceIP type for '${policiesPath}[${position}].type' is deprecated, use Connection instead`]
        : [],
    ),
  ];
}

/** Warnings of sizes that Envoy would refuse; the reference takes them without a word. */
export function sizeWarnings(path: string, loadBalancer: LoadBalancer | undefined): readonly string[] {
  const { type, ringHash, maglev } = loadBalancer ?? {};
  if (type === 'RingHash' && (ringHash?.minRingSize ?? defaultMinimum) > (ringHash?.maxRingSize ?? maximum)) {
    return [`'${path}.ringHash' has a minimum size above its maximum, which Envoy refuses.`];
  }
  if (type === 'Maglev' && maglev?.tableSize !== undefined && !isPrime(maglev.tableSize)) {
    return [`'${path}.maglev.tableSize' must be a prime number for Envoy.`];
  }
  return [];
}

/** What Envoy takes where nothing is given (`ring_hash_lb_config`). */
const defaultMinimum = 1024;
const maximum = 8 * 1024 * 1024;

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor += 1) {
    if (value % divisor === 0) {
      return false;
    }
  }
  return value > 1;
}
