import { usageEveryMs } from '../../functions/settings.ts';
import type { Assumptions } from './assumptions.ts';
import type { Load } from './bill.ts';

/** Hours of a month, as AWS's own calculator has them. */
export const monthHours = 730;
const monthDays = monthHours / 24;

/** What a load makes happen in a month. */
export interface Traffic extends Load {
  /** Changes by the API. */
  readonly changes: number;
  /** Proxies that go and come back. */
  readonly restarts: number;
  /** Times at which some of them do so together. */
  readonly rollouts: number;
  /** Commits by relays, of all together. */
  readonly relayCommits: number;
  /** What meshes that are held go through in an hour: changes, and rollouts twice. */
  readonly momentsPerHour: number;
  /** Proxies that take a change, counted once for each change. */
  readonly acknowledgements: number;
  readonly tokens: number;
  /** Pods that the webhook is asked for. */
  readonly pods: number;
  /** Requests to the API, tokens included. */
  readonly requests: number;
  /** Times at which a function writes what a tenant has used. */
  readonly usages: number;
  readonly jobRuns: number;
  readonly events: number;
  /** Histories whose heads each relay checks: a mesh and what is beside the meshes, of each tenant with proxies. */
  readonly histories: number;
}

/** How many tenants ask for something in the time between two writes of what they used, in all of these times: requests come at random. */
function usagesOf(requests: number, tenants: number): number {
  const times = (monthHours * 3_600_000) / usageEveryMs;
  return tenants === 0 ? 0 : times * tenants * (1 - (1 - 1 / tenants) ** (requests / times));
}

/** How much of what a load makes happen. */
export function trafficOf(assumptions: Assumptions, load: Load): Traffic {
  const { proxies, tenants, changesPerHour } = load;
  const changes = changesPerHour * monthHours;
  const restarts = proxies * assumptions.restartsPerDay.value * monthDays;
  const rollouts = restarts / assumptions.proxiesOfRollout.value;
  const ofTenant = tenants === 0 ? 0 : proxies / tenants;
  const policy = assumptions.policyShare.value;
  const consumers = Math.min(assumptions.consumers.value, ofTenant);
  const requests = changes * (1 + assumptions.readsPerChange.value);
  const tokens = restarts * assumptions.tokensPerRestart.value;
  return {
    ...load,
    changes,
    restarts,
    rollouts,
    relayCommits: rollouts * assumptions.commitsPerRollout.value,
    momentsPerHour: changesPerHour + (2 * rollouts) / monthHours,
    acknowledgements: changes * (policy * ofTenant + (1 - policy) * consumers) + 2 * rollouts * consumers,
    tokens,
    pods: restarts * assumptions.podShare.value,
    requests: requests + tokens,
    usages: usagesOf(requests + tokens, tenants),
    jobRuns: assumptions.jobRunsPerHour.value * monthHours,
    events: changes + 2 * restarts + tokens,
    histories: 2 * Math.min(tenants, proxies),
  };
}
