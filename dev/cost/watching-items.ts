import type { BillDeps, GroupItem } from './bill.ts';
import { amount, dataSize } from './figures.ts';
import { monthHours, type Traffic } from './traffic.ts';

/** How long a process uses a data key that it has unwrapped, in hours (src/secrets/secret-box.ts). */
const dataKeyHours = 1;

/** What a deployment has around it: keys, secrets, alarms, logs. */
export function watchingItems({ prices, assumptions }: BillDeps, traffic: Traffic): readonly GroupItem[] {
  const { keys, secrets, alarms, dashboards, logKilobytes, traceShare } = assumptions;
  // Each relay and one function at a time opens and seals for each tenant.
  const keyCalls = ((traffic.relays + 1) * traffic.tenants * 2 * monthHours) / dataKeyHours;
  const logs = ((traffic.requests + 2 * traffic.restarts + traffic.jobRuns) * logKilobytes.value) / 1e6;
  const traces = (traffic.requests + traffic.jobRuns) * traceShare.value;
  return [
    {
      name: 'keys',
      quantity: `${keys.value}, ${amount(keyCalls)} calls`,
      dollars: prices.of('keyMonth', keys.value) + prices.of('keyCall', keyCalls),
    },
    { name: 'secrets', quantity: `${secrets.value}`, dollars: prices.of('secretMonth', secrets.value) },
    {
      name: 'alarms and dashboards',
      quantity: `${alarms.value} and ${dashboards.value}`,
      dollars: prices.of('alarmMonth', alarms.value) + prices.of('dashboardMonth', dashboards.value),
    },
    { name: 'logs', quantity: dataSize(logs), dollars: prices.of('logGigabyte', logs) },
    { name: 'traces', quantity: amount(traces), dollars: prices.of('trace', traces) },
  ];
}
