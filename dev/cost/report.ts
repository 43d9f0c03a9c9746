import type { Assumptions } from './assumptions.ts';
import { type BillDeps, type BillGroup, billGroups, billOf, type Load, totalOf } from './bill.ts';
import { amount, money } from './figures.ts';

/** What is done for proxies and people, which a goal is set for. */
const work: readonly BillGroup[] = ['table', 'functions'];
/** Dollars a month of table and functions for 1,000 connected proxies. */
const goal = 2;

type Row = readonly [name: string, quantity: string, dollars: string];

function rowsOf(deps: BillDeps, load: Load): readonly Row[] {
  const items = billOf(deps, load);
  return [
    ...billGroups.flatMap((group): Row[] => [
      [group, '', ''],
      ...items
        .filter((item) => item.group === group)
        .map(({ name, quantity, dollars }): Row => [`  ${name}`, quantity, money(dollars)]),
      ['', `${group}, together`, money(totalOf(items, [group]))],
    ]),
    ['table and functions', '', money(totalOf(items, work))],
    ['everything', '', money(totalOf(items))],
  ];
}

/** Bills of other loads, by their sums: what is due while nothing happens, and what the relays make of it. */
function comparisons(deps: BillDeps, load: Load): readonly Row[] {
  const sums = (name: string, other: Load): Row => {
    const items = billOf(deps, other);
    return [name, `table and functions ${money(totalOf(items, work))}`, money(totalOf(items))];
  };
  const more = { ...load, idleTenants: load.idleTenants + 1 };
  const tenant = (groups: readonly BillGroup[]) =>
    totalOf(billOf(deps, more), groups) - totalOf(billOf(deps, load), groups);
  const empty = { ...load, proxies: 0, tenants: 0, idleTenants: 0, changesPerHour: 0 };
  return [
    sums('an empty service', empty),
    [
      'one more tenant without proxies',
      `table and functions ${money(tenant(work))}`,
      money(tenant(billGroups)),
    ],
    sums('the same without changes', { ...load, changesPerHour: 0 }),
    ...(load.relays === 1 ? [] : [sums('the same with one relay', { ...load, relays: 1 })]),
  ];
}

function aligned(rows: readonly Row[]): string {
  const width = (column: 0 | 1 | 2) => Math.max(...rows.map((row) => row[column].length));
  const [name, quantity, dollars] = [width(0), width(1), width(2)];
  return rows
    .map((row) => `${row[0].padEnd(name)}  ${row[1].padEnd(quantity)}  ${row[2].padStart(dollars)}`.trimEnd())
    .join('\n');
}

function assumptionLines(assumptions: Assumptions): string {
  return Object.entries(assumptions)
    .map(([name, { value, unit, why }]) => `  ${name} = ${amountOf(value)} (${unit}): ${why}`)
    .join('\n');
}

function amountOf(value: number): string {
  return value >= 1_000 ? amount(value) : String(value);
}

/** The bill as people read it, with what it rests on. */
export function costReport(deps: BillDeps, load: Load): string {
  const { prices, units, assumptions } = deps;
  const { proxies, tenants, idleTenants, changesPerHour, relays } = load;
  const perThousand = (1_000 * totalOf(billOf(deps, load), work)) / proxies;
  const verdict =
    proxies === 0
      ? ''
      : `\nFor each 1,000 proxies: ${money(perThousand)} of table and functions; the goal is under ${money(goal)}: ${perThousand < goal ? 'reached' : 'not reached'}.\n`;
  return `A month of ${amount(proxies)} proxies, ${amount(tenants)} tenants${idleTenants === 0 ? '' : ` and ${amount(idleTenants)} without proxies`}, ${amount(changesPerHour)} changes an hour, ${amount(relays)} relays.
Prices of ${prices.region}, on demand, ${prices.asOf}, without free tiers. Units measured at ${units.measured.commit} (${units.measured.date}).

${aligned(rowsOf(deps, load))}
${verdict}
For comparison
${aligned(comparisons(deps, load))}

Assumed (--set name=value)
${assumptionLines(assumptions)}
`;
}
