import { longestWaitSeconds } from '../../src/store/queues.ts';
import type { BillDeps, GroupItem } from './bill.ts';
import { amount } from './figures.ts';
import { monthHours, type Traffic } from './traffic.ts';

/**
 * Requests to the queues of relays: each commit is sent to each relay but the one that made it, and a relay always waits for
 * the next message, which comes at random, for as long as a request may.
 */
function queueRequests({ relays, changes, relayCommits }: Traffic): number {
  const sent = changes * relays + relayCommits * (relays - 1);
  const perSecond = sent / relays / (monthHours * 3_600);
  // The mean of an exponential time that is cut off.
  const waitSeconds =
    perSecond === 0 ? longestWaitSeconds : (1 - Math.exp(-perSecond * longestWaitSeconds)) / perSecond;
  return sent + (relays * monthHours * 3_600) / waitSeconds;
}

/** What the API, the webhook, the jobs, the events and the relays' queues cost. */
export function functionItems({ prices, assumptions }: BillDeps, traffic: Traffic): readonly GroupItem[] {
  const calls = (name: string, count: number, milliseconds: number, gigabytes: number): GroupItem => {
    const gigabyteSeconds = (count * milliseconds * gigabytes) / 1_000;
    return {
      name,
      quantity: `${amount(count)} calls, ${amount(gigabyteSeconds)} GB-seconds`,
      dollars: prices.of('functionCall', count) + prices.of('functionGigabyteSecond', gigabyteSeconds),
    };
  };
  const requests = assumptions.toldShare.value * queueRequests(traffic);
  const { functionMilliseconds, functionGigabytes, webhookMilliseconds } = assumptions;
  const { jobMilliseconds, jobGigabytes } = assumptions;
  const throughGateway = traffic.requests + traffic.pods;
  return [
    {
      name: 'HTTP API',
      quantity: `${amount(throughGateway)} requests`,
      dollars: prices.of('gatewayRequest', throughGateway),
    },
    calls('function of the API', traffic.requests, functionMilliseconds.value, functionGigabytes.value),
    calls('function of the webhook', traffic.pods, webhookMilliseconds.value, functionGigabytes.value),
    calls('function of the jobs', traffic.jobRuns, jobMilliseconds.value, jobGigabytes.value),
    {
      name: 'events',
      quantity: `${amount(traffic.events)} published`,
      dollars: prices.of('event', traffic.events),
    },
    {
      name: 'queues of relays',
      quantity: `${amount(requests)} requests`,
      dollars: prices.of('queueRequest', requests),
    },
  ];
}
