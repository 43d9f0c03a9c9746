import type { Assumptions } from './assumptions.ts';
import type { BillDeps, GroupItem } from './bill.ts';
import { dataSize } from './figures.ts';
import { monthHours, type Traffic } from './traffic.ts';

/** What a capacity unit of a network load balancer stands for, with TCP: connections a minute, and GB an hour. */
const connectionsOfUnit = 100_000;
const gigabytesOfUnit = 1;

/** The sizes of infra/relay.yml, each for so many proxies. */
export const relaySizes = [
  { name: 'small', proxies: 600, vcpu: 0.25, gigabytes: 0.5 },
  { name: 'medium', proxies: 1_400, vcpu: 0.5, gigabytes: 1 },
  { name: 'large', proxies: 3_000, vcpu: 1, gigabytes: 2 },
] as const;
const [, , largest] = relaySizes;

/** How many relays so many proxies take, where those of one zone may be lost: equally many in each zone. */
export function relaysFor(proxies: number, { zones, proxiesPerRelay }: Assumptions): number {
  const zonesLeft = Math.max(1, zones.value - 1);
  return zones.value * Math.max(1, Math.ceil(proxies / (zonesLeft * proxiesPerRelay.value)));
}

/** The size for what a relay has to serve when those of one zone are lost. */
function relaySize({ proxies, relays }: Traffic, zones: number) {
  const left = Math.max(1, Math.floor((relays * (zones - 1)) / zones));
  return relaySizes.find((size) => proxies / left <= size.proxies) ?? largest;
}

/** What streams to proxies: relays, their load balancer, its addresses, and the way to the proxies. */
export function relayItems({ prices, assumptions }: BillDeps, traffic: Traffic): readonly GroupItem[] {
  const { proxies, relays } = traffic;
  const { vcpu, gigabytes } = relaySize(traffic, assumptions.zones.value);
  const spot = 1 - assumptions.spotShare.value * assumptions.spotDiscount.value;
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
        spot *
        (prices.of('vcpuHour', relays * vcpu * monthHours) +
          prices.of('memoryGigabyteHour', relays * gigabytes * monthHours)),
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
