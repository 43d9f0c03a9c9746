import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { isDuration, parseDuration } from '../../src/model/duration.ts';
import { KumulusError } from '../../src/model/errors.ts';

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) => z.number().int().min(least).max(most);
const duration = z
  .string()
  .refine((text) => isDuration(text) && parseDuration(text) > 0n, 'takes a duration such as 30s or 72h');
/** Those of CloudWatch that `infra/relay.yml` takes. */
const retentions: readonly number[] = [1, 3, 5, 7, 14, 30, 60, 90, 180, 365];
/** Of a host, without a wildcard; or nothing. */
const domain = z
  .string()
  .regex(/^$|^([a-z0-9-]+\.)+[a-z0-9-]+$/, 'takes a domain such as api.example.com, or nothing');

const stageSchema = z.strictObject({
  region: z.string(),
  logRetentionDays: z
    .number()
    .refine((days) => retentions.includes(days), `takes one of ${retentions.join(', ')}`),
  data: z.strictObject({
    deletionProtection: z.boolean(),
    alarmEmail: z.string(),
    monthlyBudget: whole(0),
    restoredTable: z.string(),
    previousKmsKeys: z.string(),
  }),
  liveness: z.strictObject({
    dataplaneIdleTimeout: duration,
    dataplaneCleanupAge: duration,
    zoneResourceCleanupAge: duration,
  }),
  relay: z
    .strictObject({
      size: z.enum(['small', 'medium', 'large']),
      minRelays: whole(1),
      maxRelays: whole(1),
      capacity: z.enum(['on-demand', 'mixed']),
      drainSeconds: whole(0, 100),
      domain,
      hostedZoneId: z.string(),
      selfSigned: z.boolean(),
      defaultTenant: z.string(),
      proxyCidr: z.string(),
    })
    .refine(({ minRelays, maxRelays }) => minRelays <= maxRelays, 'has minRelays above maxRelays'),
  functions: z.strictObject({
    domain,
    hostedZoneId: z.string(),
    certificateArn: z.string(),
    apiMemory: whole(256, 3_008),
    apiConcurrency: whole(10, 900),
    apiRequestsPerSecond: whole(1),
    apiBurst: whole(1),
    canaryPercent: whole(0, 50),
    canaryMinutes: z.number().min(0).max(60),
    jobsMemory: whole(256, 3_008),
    admissionMemory: whole(256, 3_008),
    admissionConcurrency: whole(1, 900),
    controlPlaneUrl: z.string(),
  }),
});

/** What `infra/stages.yml` says of a stage: sizes and names, nothing secret. */
export type Stage = z.output<typeof stageSchema>;

/** The file of the stages: what `KUMULUS_STAGES` names, from the project's folder on, or the project's own. */
export const stagesFile = ({ KUMULUS_STAGES: own }: NodeJS.ProcessEnv): string => own || 'infra/stages.yml';

/** @throws KumulusError `invalid` where there is no such stage, or the file says something else of it than is understood. */
export function readStage(root: string, name: string, file: string): Stage {
  const stages = z.record(z.string(), z.unknown()).parse(parse(read(root, file), { merge: true }));
  if (!Object.hasOwn(stages, name)) {
    throw new KumulusError(
      'invalid',
      `there is no stage ${JSON.stringify(name)}: ${file} has ${Object.keys(stages).join(', ')}`,
    );
  }
  // The templates' own pattern: it is part of every name.
  if (!/^[a-z][a-z0-9-]{0,15}$/.test(name)) {
    throw new KumulusError(
      'invalid',
      `a stage is called by up to 16 small letters, digits and hyphens, not ${JSON.stringify(name)}`,
    );
  }
  const { data, error } = stageSchema.safeParse(stages[name]);
  if (error !== undefined) {
    throw new KumulusError('invalid', `${file}, ${name}: ${z.prettifyError(error)}`);
  }
  return data;
}

function read(root: string, file: string): string {
  try {
    return readFileSync(resolve(root, file), 'utf8');
  } catch (cause) {
    throw new KumulusError(
      'invalid',
      `${file} cannot be read (KUMULUS_STAGES): ${String(Object(cause).message)}`,
      {
        cause,
      },
    );
  }
}

/** The functions of a stage, as `serverless.yml` names them. */
export const functionNames = (stage: string) => ({
  api: `kumulus-${stage}-api`,
  admission: `kumulus-${stage}-admission`,
  jobs: `kumulus-${stage}-jobs`,
});

/** The stacks of a stage. */
export const stackNames = (stage: string) => ({
  data: `kumulus-${stage}-data`,
  functions: `kumulus-${stage}`,
  relay: `kumulus-${stage}-relay`,
});
