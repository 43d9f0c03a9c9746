import type { Assumptions } from './assumptions.ts';
import type { BillDeps, GroupItem } from './bill.ts';
import { dataSize } from './figures.ts';
import { monthHours, type Traffic } from './traffic.ts';

/** What a capacity unit of a network load balancer stands for, with TCP: connections a minute, and GB an hour. */
const connectionsOfUnit = 100_000;
const gigabytesOfUnit = 1;

/** How many relays so many proxies take: one in each zone at least. */
export function relaysFor(proxies: number, { zones, proxiesPerRelay }: Assumptions): number {
  return Math.max(zones.value, Math.ceil(proxies / proxiesPerRelay.value));
}

/** What one relay gets, by how many proxies it may have to serve when a zone is lost. */
function relaySize({ proxies, relays }: Traffic, assumptions: Assumptions) {
  const zones = assumptions.zones.value;
  const left = relays <= 1 ? relays : Math.max(1, Math.floor((relays * (zones - 1)) / zones));
  const factor = proxies / Math.max(1, left) > assumptions.largeRelayFrom.value ? 2 : 1;
  return {
    vcpu: assumptions.relayVcpu.value * factor,
    gigabytes: assumptions.relayGigabytes.value * factor,
  };
}

/** What streams to proxies: relays, their load balancer, its addresses, and the way to the proxies. */
export function relayItems({ prices, assumptions }: BillDeps, traffic: Traffic): readonly GroupItem[] {
  const { proxies, relays } = traffic;
  const { vcpu, gigabytes } = relaySize(traffic, assumptions);
  const sent =
    (traffic.restarts * assumptions.firstConfigurationKilobytes.value) / 1e6 +
    (traffic.acknowledgements * assumptions.updateKilobytes.value) / 1e6 +
    (proxies * assumptions.pingMegabytesPerMonth.value) / 1e3;
  const units = Math.max(proxies / connectionsOfUnit, sent / monthHours / gigabytesOfUnit);
  const addresses = assumptions.zones.value + relays;
  return [
    {
      name: 'relays',
      quantity: `${relays} of ${vcpu} vCPU and ${gigabytes} GB`,
      dollars:
        prices.of('vcpuHour', relays * vcpu * monthHours) +
        prices.of('memoryGigabyteHour', relays * gigabytes * monthHours),
    },
    {
      name: 'network load balancer',
      quantity: `1, ${units.toFixed(3)} capacity units`,
      dollars: prices.of('balancerHour', monthHours) + prices.of('balancerUnitHour', units * monthHours),
    },
    {
      name: 'public addresses',
      quantity: `${addresses}`,
      dollars: prices.of('addressHour', addresses * monthHours),
    },
    {
      name: 'sent to proxies over the internet',
      quantity: dataSize(sent),
      dollars: prices.of('egressGigabyte', sent),
    },
  ];
}
