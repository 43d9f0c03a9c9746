import * as z from 'zod';
import { DurationError, parseDuration } from '../../model/duration.ts';
import { KumulusError } from '../../model/errors.ts';
import { requireShallow } from '../../model/json-bounds.ts';
import { issuePath } from '../../model/schema-issues.ts';
import { field, type Violation } from '../../model/violations.ts';
import { tenantRecordSchema, tenantSpecSchema } from '../../tenancy/tenant-record.ts';

/** What only the control plane writes: it may be sent back as it was read. */
const readOnlyMembers = tenantRecordSchema
  .pick({ state: true, creationTime: true, modificationTime: true, version: true })
  .partial();

/** The body of `PUT /tenants/<tenant>`. */
export const putTenantSchema = tenantSpecSchema
  .extend({ id: tenantRecordSchema.shape.id.optional(), ...readOnlyMembers.shape })
  .meta({ id: 'PutTenant' });

/** The body of `POST /tenants`. */
export const createTenantSchema = putTenantSchema
  .extend({ id: tenantRecordSchema.shape.id })
  .meta({ id: 'CreateTenant' });

/** The body of `POST /tenants/<tenant>/admin-token`; there need be none. */
export const adminTokenRequestSchema = z
  .strictObject({
    validFor: z
      .string()
      .default('720h')
      .describe('How long the token is valid, such as 720h; 720h unless told.'),
  })
  .meta({ id: 'AdminTokenRequest' });

/**
 * Reads a body.
 *
 * @throws KumulusError `bad_request` where it is no JSON, `invalid` with all violations where it breaks rules.
 */
export function readDocument<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const body = parseJson(text);
  requireShallow(body, 'Tenant');
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    throw invalid(parsed.error.issues.flatMap(violationsOf));
  }
  return parsed.data;
}

/** The length of a validity, in nanoseconds. @throws KumulusError `invalid` */
export function validityOf({ validFor }: z.output<typeof adminTokenRequestSchema>): bigint {
  try {
    const duration = parseDuration(validFor);
    if (duration > 0n) {
      return duration;
    }
  } catch (error) {
    if (!(error instanceof DurationError)) {
      throw error;
    }
  }
  throw invalid([{ field: 'validFor', message: 'must be a duration above zero, such as 720h' }]);
}

/** The refusal of a document that breaks rules. */
export function invalid(violations: readonly Violation[]): KumulusError {
  return new KumulusError('invalid', 'Resource is not valid', {
    title: 'Could not process a tenant',
    violations,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new KumulusError('bad_request', `invalid Tenant object: ${JSON.stringify(reason)}`);
  }
}

function violationsOf(issue: z.core.$ZodIssue): readonly Violation[] {
  const path = issuePath(issue.path);
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ field: field(path, key), message: 'unknown field' }))
    : [{ field: path, message: issue.message }];
}
