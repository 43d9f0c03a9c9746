import * as z from 'zod';
import { tenantRecordSchema } from '../../tenancy/tenant-record.ts';
import { adminTokenRequestSchema, createTenantSchema, putTenantSchema } from '../operator/tenant-requests.ts';
import type { Route } from '../routing.ts';
import {
  anyObject,
  count,
  described,
  listOf,
  nextPage,
  object,
  ok,
  orEmpty,
  parameter,
  text,
} from './fields.ts';
import type { AnswerDescription, JsonSchema, Operation } from './operation.ts';
import type { Schemas } from './schemas.ts';
import { validitySchema } from './token-operations.ts';

/** Where the operators' endpoints are described; it can be no tenant's name. */
export const operatorDocument = '/tenants/openapi.json';

/** What is said of the operators' endpoints. */
export function tenantOperation(
  { method, path }: Pick<Route, 'method' | 'path'>,
  schemas: Schemas,
): Operation | undefined {
  if (path === operatorDocument) {
    return { tag: 'tenants', summary: 'This document', answers: ok('OpenAPI 3.1.', anyObject) };
  }
  if (path !== '/tenants' && !path.startsWith('/tenants/:tenant')) {
    return undefined;
  }
  const operations = tenantOperations(schemas);
  return operations[`${method} ${path.replace('/tenants', '').replace('/:tenant', ':')}`];
}

const tag = 'tenants';

/** The name of a tenant: a DNS label. */
const tenantName: JsonSchema = {
  type: 'string',
  pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
};
const path = { tenant: tenantName };

const writtenTenantSchema = tenantRecordSchema
  .extend({
    adminToken: z.string().describe('Of the administrator; of a tenant that was made, this once.').optional(),
  })
  .meta({ id: 'WrittenTenant' });

/** An object with more told of one of its members. */
function withMember(schema: JsonSchema, name: string, member: JsonSchema): JsonSchema {
  const properties: Readonly<Record<string, JsonSchema>> = Object(schema.properties);
  return { ...schema, properties: { ...properties, [name]: { ...properties[name], ...member } } };
}

const usage = object({
  meshes: count,
  dataplanes: count,
  resources: count,
  requests: described('Let in since the tenant was made.', count),
  tokens: described('Issued since then.', count),
  months: listOf(object({ month: described('Such as 2026-01.', text), requests: count, tokens: count })),
});

function tenantOperations(schemas: Schemas): Readonly<Record<string, Operation>> {
  const tenant = schemas.named('Tenant', tenantRecordSchema);
  const written: AnswerDescription = {
    description: 'It was there already, the same, or was changed.',
    schema: schemas.named('WrittenTenant', writtenTenantSchema),
    tagged: true,
  };
  const answers = { 200: written, 201: { ...written, description: 'It was made.' } };
  const moved = { 200: { description: 'As it is now.', schema: tenant, tagged: true } };
  const created = withMember(schemas.inline(createTenantSchema), 'id', tenantName);
  const removed = 'It is unreachable, and is being removed.';
  return {
    'GET ': {
      tag,
      summary: 'All tenants',
      query: [
        parameter(
          'size',
          'Tenants of a page.',
          orEmpty({ type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
        ),
        parameter('after', 'The last tenant of the page before.'),
      ],
      answers: ok('A page, by id.', object({ items: listOf(tenant), next: nextPage })),
    },
    'POST ': { tag, summary: 'Create a tenant', body: { schema: created }, answers },
    'GET :': { tag, summary: 'One tenant', answers: ok('It is there.', tenant) },
    'PUT :': {
      tag,
      summary: 'Create a tenant, or change its name, quotas and settings',
      path,
      body: { schema: putTenantSchema },
      conditional: true,
      answers,
    },
    'DELETE :': {
      tag,
      summary: 'Delete a tenant and all that it has',
      conditional: true,
      answers: { 202: { description: removed, schema: tenant, tagged: true } },
    },
    'POST :/suspend': { tag, summary: 'Serve a tenant no more', conditional: true, answers: moved },
    'POST :/resume': { tag, summary: 'Serve a tenant again', conditional: true, answers: moved },
    'POST :/admin-token': {
      tag,
      summary: 'A new token for the administrator of a tenant',
      body: {
        schema: withMember(schemas.inline(adminTokenRequestSchema), 'validFor', validitySchema),
        optional: true,
      },
      answers: ok('The token.', object({ token: text })),
    },
    'GET :/usage': {
      tag,
      summary: 'What a tenant has and does',
      refusals: [409],
      answers: ok('Counts.', usage),
    },
  };
}
