import * as z from 'zod';
import type { TenantId } from '../model/tenant.ts';

/** Tenants of a deployment may not ask for more than this of anything. */
const maxQuota = 1_000_000_000;

const quota = z.int().min(0).max(maxQuota).nullable();

/** What a tenant may have and do at the most. `null` is no limit, 0 is none of it. */
export const tenantQuotasSchema = z
  .strictObject({
    meshes: quota.default(100).describe('Meshes at the most.'),
    dataplanes: quota.default(10_000).describe('Dataplanes in all meshes together.'),
    resources: quota
      .default(100_000)
      .describe(
        'Resources of every type in all meshes together, those that the control plane makes included.',
      ),
    requestsPerSecond: quota
      .default(500)
      .describe('Requests to the API a second, lasting; bursts of twice as many.'),
    tokensPerSecond: quota.default(100).describe('Tokens issued a second, lasting; bursts of twice as many.'),
  })
  .meta({ id: 'TenantQuotas' });
export type TenantQuotas = Readonly<z.output<typeof tenantQuotasSchema>>;

/** What a tenant decides of itself, or its operator for it. */
export const tenantSettingsSchema = z
  .strictObject({
    auditRetentionDays: z
      .int()
      .min(1)
      .max(3_650)
      .default(90)
      .describe('How long audit records are kept, in days.'),
    access: z
      .enum(['closed', 'kuma'])
      .default('closed')
      .describe(
        'What callers may do that nobody has given a role: nothing (closed), or what Kuma lets them by default (kuma).',
      ),
  })
  .meta({ id: 'TenantSettings' });
export type TenantSettings = Readonly<z.output<typeof tenantSettingsSchema>>;

/**
 * `creating` and `deleting` are on their way: such a tenant is served as if it were not there, and its name cannot be
 * taken. `suspended` keeps everything and serves nobody.
 */
const tenantStateSchema = z.enum(['creating', 'active', 'suspended', 'deleting']);
export type TenantState = z.output<typeof tenantStateSchema>;

/** One tenant as the deployment knows it: the source of its validation, its type and its OpenAPI. */
export const tenantRecordSchema = z
  .strictObject({
    id: z.string().describe('A DNS label: the first part of its host name.'),
    displayName: z.string().max(200).describe('For people; its id unless told.'),
    state: tenantStateSchema,
    quotas: tenantQuotasSchema,
    settings: tenantSettingsSchema,
    creationTime: z.iso.datetime(),
    modificationTime: z.iso.datetime(),
    version: z.int().min(1).describe('Counts the changes; what the entity tag is made of.'),
  })
  .meta({ id: 'Tenant' });
export type TenantRecord = Readonly<z.output<typeof tenantRecordSchema>>;

/**
 * A record as it is read from the table: what a later release has added is passed over, so that this one goes on to
 * serve the tenant while both run, and after a rollback.
 */
export const storedTenantSchema = tenantRecordSchema
  .extend({ quotas: tenantQuotasSchema.strip(), settings: tenantSettingsSchema.strip() })
  .strip();

/** What an operator decides of a tenant; what is left out is the default. */
export const tenantSpecSchema = tenantRecordSchema
  .pick({ displayName: true })
  .partial()
  .extend({
    quotas: tenantQuotasSchema.prefault({}),
    settings: tenantSettingsSchema.prefault({}),
  })
  .meta({ id: 'TenantSpec' });
export type TenantSpec = Readonly<z.output<typeof tenantSpecSchema>>;

/** No limits at all: what the tenant of a local server has. */
export const noQuotas: TenantQuotas = {
  meshes: null,
  dataplanes: null,
  resources: null,
  requestsPerSecond: null,
  tokensPerSecond: null,
};

/** A record as it is first written. @param now milliseconds since 1970. */
export function newTenantRecord(
  tenant: TenantId,
  spec: TenantSpec,
  now: number,
  state: TenantState = 'creating',
): TenantRecord {
  const time = new Date(now).toISOString();
  const { displayName = tenant, quotas, settings } = spec;
  const stamp = { creationTime: time, modificationTime: time, version: 1 };
  return { id: tenant, displayName, state, quotas, settings, ...stamp };
}
