import { parse } from 'yaml';
import * as z from 'zod';

/** What a bill rests on beside its load and the measured units. */
const assumptionNames = [
  'restartsPerDay',
  'proxiesOfRollout',
  'tokensPerRestart',
  'podShare',
  'webhookMilliseconds',
  'policyShare',
  'consumers',
  'readsPerChange',
  'toldShare',
  'commitsPerRollout',
  'functionMilliseconds',
  'functionGigabytes',
  'jobMilliseconds',
  'jobGigabytes',
  'jobRunsPerHour',
  'proxiesPerRelay',
  'spotShare',
  'spotDiscount',
  'zones',
  'firstConfigurationKilobytes',
  'updateKilobytes',
  'pingMegabytesPerMonth',
  'proxyKilobytes',
  'tenantKilobytes',
  'auditKilobytes',
  'tokenAuditKilobytes',
  'restartAuditKilobytes',
  'logKilobytes',
  'traceShare',
  'keys',
  'secrets',
  'alarms',
  'dashboards',
  'metrics',
  'linesPerRequest',
] as const;
export type AssumptionName = (typeof assumptionNames)[number];

const assumptionSchema = z.strictObject({ value: z.number().min(0), unit: z.string(), why: z.string() });
const assumptionsFileSchema = z.record(z.enum(assumptionNames), assumptionSchema);

/** Every assumption with its unit and its reason. */
export type Assumptions = Readonly<z.output<typeof assumptionsFileSchema>>;

/**
 * Reads the text of `assumptions.yml`.
 *
 * @throws ZodError that names what is missing or unknown.
 */
export function readAssumptions(text: string): Assumptions {
  return assumptionsFileSchema.parse(parse(text));
}
