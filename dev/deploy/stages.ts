import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { KumulusError } from '../../src/model/errors.ts';

const whole = z.number().int().min(0);

const stageSchema = z.object({
  region: z.string(),
  logRetentionDays: whole,
  data: z.object({
    deletionProtection: z.boolean(),
    alarmEmail: z.string(),
    monthlyBudget: whole,
    restoredTable: z.string(),
  }),
  functions: z.looseObject({ domain: z.string(), canaryPercent: z.number(), canaryMinutes: z.number() }),
  relay: z.object({
    size: z.enum(['small', 'medium', 'large']),
    minRelays: whole,
    maxRelays: whole,
    capacity: z.enum(['on-demand', 'mixed']),
    drainSeconds: whole,
    domain: z.string(),
    hostedZoneId: z.string(),
    defaultTenant: z.string(),
    proxyCidr: z.string(),
  }),
});

/** What `infra/stages.yml` says of a stage: sizes and names, nothing secret. */
export type Stage = z.output<typeof stageSchema>;

/** @throws KumulusError `invalid` where there is no such stage, or the file says something else of it than is understood. */
export function readStage(root: string, name: string): Stage {
  const file: unknown = parse(readFileSync(join(root, 'infra/stages.yml'), 'utf8'), { merge: true });
  const stages = z.record(z.string(), z.unknown()).parse(file);
  if (!Object.hasOwn(stages, name)) {
    throw new KumulusError(
      'invalid',
      `there is no stage ${JSON.stringify(name)}: infra/stages.yml has ${Object.keys(stages).join(', ')}`,
    );
  }
  const { data, error } = stageSchema.safeParse(stages[name]);
  if (error !== undefined) {
    throw new KumulusError('invalid', `infra/stages.yml, ${name}: ${z.prettifyError(error)}`);
  }
  return data;
}

/** The stacks of a stage. */
export const stackNames = (stage: string) => ({
  data: `kumulus-${stage}-data`,
  functions: `kumulus-${stage}`,
  relay: `kumulus-${stage}-relay`,
});
