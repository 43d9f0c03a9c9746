import type { Assumptions } from './assumptions.ts';
import { functionItems } from './function-items.ts';
import type { MeasuredUnits } from './measured-units.ts';
import type { PriceList } from './price-list.ts';
import { relayItems } from './relay-items.ts';
import { tableItems } from './table-items.ts';
import { type Traffic, trafficOf } from './traffic.ts';
import { watchingItems } from './watching-items.ts';

/** What a deployment has to do. */
export interface Load {
  /** Connected, evenly spread over the tenants, those of a tenant in one mesh. */
  readonly proxies: number;
  /** Tenants with proxies. */
  readonly tenants: number;
  /** Tenants without. */
  readonly idleTenants: number;
  /** Changes of resources by the API, of all tenants together. */
  readonly changesPerHour: number;
  readonly relays: number;
}

/** What a bill is made from. */
export interface BillDeps {
  readonly prices: PriceList;
  readonly units: MeasuredUnits;
  readonly assumptions: Assumptions;
}

/** `table` and `functions` are what a goal is set for: they cost what is done, the others also cost while nothing is. */
export const billGroups = ['table', 'functions', 'relays and network', 'keys, alarms and logs'] as const;
export type BillGroup = (typeof billGroups)[number];

export interface BillItem {
  readonly group: BillGroup;
  readonly name: string;
  /** How much of what, for people. */
  readonly quantity: string;
  /** For a month of 730 hours. */
  readonly dollars: number;
}

/** An item before its group is known. */
export type GroupItem = Omit<BillItem, 'group'>;

/** The month's bill, item by item. */
export function billOf(deps: BillDeps, load: Load): readonly BillItem[] {
  const traffic: Traffic = trafficOf(deps.assumptions, load);
  const groups: Readonly<Record<BillGroup, readonly GroupItem[]>> = {
    table: tableItems(deps, traffic),
    functions: functionItems(deps, traffic),
    'relays and network': relayItems(deps, traffic),
    'keys, alarms and logs': watchingItems(deps, traffic),
  };
  return billGroups.flatMap((group) => groups[group].map((item) => ({ group, ...item })));
}

/** Dollars of the items of some groups. */
export function totalOf(items: readonly BillItem[], groups: readonly BillGroup[] = billGroups): number {
  return items
    .filter(({ group }) => groups.includes(group))
    .reduce((total, { dollars }) => total + dollars, 0);
}
