import type { BillDeps, GroupItem } from './bill.ts';
import { amount } from './figures.ts';
import type { Traffic } from './traffic.ts';

/** What the API, the jobs and the events cost. */
export function functionItems({ prices, assumptions }: BillDeps, traffic: Traffic): readonly GroupItem[] {
  const calls = (name: string, count: number, milliseconds: number, gigabytes: number): GroupItem => {
    const gigabyteSeconds = (count * milliseconds * gigabytes) / 1_000;
    return {
      name,
      quantity: `${amount(count)} calls, ${amount(gigabyteSeconds)} GB-seconds`,
      dollars: prices.of('functionCall', count) + prices.of('functionGigabyteSecond', gigabyteSeconds),
    };
  };
  const { functionMilliseconds, functionGigabytes, jobMilliseconds, jobGigabytes } = assumptions;
  return [
    {
      name: 'HTTP API',
      quantity: `${amount(traffic.requests)} requests`,
      dollars: prices.of('gatewayRequest', traffic.requests),
    },
    calls('function of the API', traffic.requests, functionMilliseconds.value, functionGigabytes.value),
    calls('function of the jobs', traffic.jobRuns, jobMilliseconds.value, jobGigabytes.value),
    {
      name: 'events',
      quantity: `${amount(traffic.events)} published`,
      dollars: prices.of('event', traffic.events),
    },
  ];
}
