import { parseArgs } from 'node:util';
import type { Assumptions } from './assumptions.ts';
import type { Load } from './bill.ts';
import { relaysFor } from './relay-items.ts';

/** What `--help` shows. */
export const costUsage = `Reckons what a month of Kumulus costs on AWS, item by item.

  npm run cost -- [--proxies 1000] [--tenants 10] [--idle-tenants 0] [--changes-per-hour 60] [--relays N]
                  [--prices FILE] [--set NAME=VALUE ...]

--relays         as many as the proxies take, one in each zone at least, unless told
--prices         another file of the form of dev/cost/prices.yml
--set            another value for an assumption; they are listed below the bill, and in dev/cost/assumptions.yml
`;

/** What the command line asks for. */
export interface CostOptions {
  readonly help: boolean;
  /** The price file, where it is not the one that comes along. */
  readonly prices: string | undefined;
  /** With what `--set` says. */
  readonly assumptions: Assumptions;
  readonly load: Load;
}

const amountPattern = /^\d{1,12}(\.\d{1,9})?$/;

/**
 * Reads the command line.
 *
 * @throws Error that names the option that is unknown or no number.
 */
export function readCostOptions(args: readonly string[], defaults: Assumptions): CostOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      proxies: { type: 'string', default: '1000' },
      tenants: { type: 'string', default: '10' },
      'idle-tenants': { type: 'string', default: '0' },
      'changes-per-hour': { type: 'string', default: '60' },
      relays: { type: 'string' },
      prices: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  const number = (name: string, text: string): number => {
    if (!amountPattern.test(text)) {
      throw new Error(`${name} takes a number, got ${JSON.stringify(text)}`);
    }
    return Number(text);
  };
  const assumptions = { ...defaults };
  for (const text of values.set) {
    const [name = '', value = ''] = text.split('=');
    const known = Object.entries(assumptions).find(([other]) => other === name);
    if (known === undefined) {
      throw new Error(`--set: there is no assumption ${JSON.stringify(name)}`);
    }
    const [, { unit }] = known;
    Object.assign(assumptions, { [name]: { value: number(`--set ${name}`, value), unit, why: 'as told' } });
  }
  const proxies = number('--proxies', values.proxies);
  const tenants = number('--tenants', values.tenants);
  if (tenants === 0 && proxies > 0) {
    throw new Error('--tenants must be 1 or more where there are proxies');
  }
  return {
    help: values.help,
    prices: values.prices,
    assumptions,
    load: {
      proxies,
      tenants,
      idleTenants: number('--idle-tenants', values['idle-tenants']),
      changesPerHour: number('--changes-per-hour', values['changes-per-hour']),
      relays:
        values.relays === undefined ? relaysFor(proxies, assumptions) : number('--relays', values.relays),
    },
  };
}
