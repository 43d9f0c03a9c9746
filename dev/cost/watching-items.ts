import type { BillDeps, GroupItem } from './bill.ts';
import { amount, dataSize } from './figures.ts';
import { monthHours, type Traffic } from './traffic.ts';

/** How long a process uses a data key that it has unwrapped, in hours (src/secrets/secret-box.ts). */
const dataKeyHours = 1;

/** X-Ray records so many requests a second before it begins to choose. */
const tracedPerSecond = 1;

/** What a deployment has around it: keys, secrets, alarms, logs. */
export function watchingItems({ prices, assumptions }: BillDeps, traffic: Traffic): readonly GroupItem[] {
  const { keys, secrets, alarms, dashboards, metrics, logKilobytes, linesPerRequest, traceShare } =
    assumptions;
  // Relays open what a mesh has when they load it. One function at a time opens what it needs of a tenant.
  const keyCalls = Math.min(traffic.requests, (traffic.tenants * monthHours) / dataKeyHours);
  // A relay writes a line when a proxy comes and one when it went, and one with its metrics each minute.
  const lines =
    (traffic.requests + traffic.pods) * linesPerRequest.value +
    traffic.jobRuns * 2 +
    traffic.restarts * 2 +
    traffic.relays * monthHours * 60;
  const logs = (lines * logKilobytes.value) / 1e6;
  const calls = traffic.requests + traffic.pods + traffic.jobRuns;
  const always = Math.min(calls, monthHours * 3_600 * tracedPerSecond);
  const traces = always + (calls - always) * traceShare.value;
  return [
    {
      name: 'keys',
      quantity: `${keys.value}, ${amount(keyCalls)} calls`,
      dollars: prices.of('keyMonth', keys.value) + prices.of('keyCall', keyCalls),
    },
    { name: 'secrets', quantity: `${secrets.value}`, dollars: prices.of('secretMonth', secrets.value) },
    {
      name: 'alarms, dashboards, metrics',
      quantity: `${alarms.value}, ${dashboards.value}, ${metrics.value}`,
      dollars:
        prices.of('alarmMonth', alarms.value) +
        prices.of('dashboardMonth', dashboards.value) +
        prices.of('metricMonth', metrics.value),
    },
    { name: 'logs', quantity: dataSize(logs), dollars: prices.of('logGigabyte', logs) },
    { name: 'traces', quantity: amount(traces), dollars: prices.of('trace', traces) },
  ];
}
