import { parse } from 'yaml';
import * as z from 'zod';

/** Acts whose cost on the table is measured. */
const actNames = [
  'change',
  'changeRead',
  'request',
  'usage',
  'token',
  'rollout',
  'awayAndBack',
  'firstConnection',
  'comeBack',
  'acknowledgement',
  'propagation',
  'lease',
  'poll',
  'head',
  'jobs',
] as const;
export type ActName = (typeof actNames)[number];

const actSchema = z.strictObject({
  /** DynamoDB's write and read request units. */
  writes: z.number().min(0),
  reads: z.number().min(0),
  what: z.string(),
});

const unitsFileSchema = z.strictObject({
  measured: z.strictObject({ commit: z.string(), date: z.string(), with: z.string() }),
  acts: z.record(z.enum(actNames), actSchema),
});

/** What everyday acts cost on the table, and how that was measured. */
export type MeasuredUnits = Readonly<z.output<typeof unitsFileSchema>>;

/**
 * Reads the text of `units.yml`.
 *
 * @throws ZodError that names what is missing or unknown.
 */
export function readMeasuredUnits(text: string): MeasuredUnits {
  return unitsFileSchema.parse(parse(text));
}
