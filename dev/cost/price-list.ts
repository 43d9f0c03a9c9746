import { parse } from 'yaml';
import * as z from 'zod';

/** All that is paid for, by the names that the file has. */
const priceNames = [
  'writeUnit',
  'readUnit',
  'tableGigabyte',
  'backupGigabyte',
  'gatewayRequest',
  'functionCall',
  'functionGigabyteSecond',
  'event',
  'queueRequest',
  'vcpuHour',
  'memoryGigabyteHour',
  'balancerHour',
  'balancerUnitHour',
  'addressHour',
  'egressGigabyte',
  'keyMonth',
  'keyCall',
  'secretMonth',
  'alarmMonth',
  'dashboardMonth',
  'metricMonth',
  'logGigabyte',
  'trace',
] as const;
export type PriceName = (typeof priceNames)[number];

const priceSchema = z.strictObject({
  dollars: z.number().min(0),
  per: z.number().positive(),
  unit: z.string(),
  source: z.url(),
});

const priceFileSchema = z.strictObject({
  region: z.string(),
  asOf: z.string().regex(/^\d{4}-\d{2}$/),
  prices: z.record(z.enum(priceNames), priceSchema),
});

/** The prices of one region at one time. */
export interface PriceList {
  readonly region: string;
  /** Year and month as of which they hold. */
  readonly asOf: string;
  /** Dollars for so many of something. */
  of(name: PriceName, amount: number): number;
}

/**
 * Reads the text of a price file; `prices.yml` says what is in one.
 *
 * @throws ZodError that names what is missing, unknown or no price.
 */
export function readPriceList(text: string): PriceList {
  const { region, asOf, prices } = priceFileSchema.parse(parse(text));
  return {
    region,
    asOf,
    of(name, amount) {
      const { dollars, per } = prices[name];
      return (amount * dollars) / per;
    },
  };
}
