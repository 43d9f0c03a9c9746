import { tenantRecordSchema } from '../../tenancy/tenant-record.ts';
import { adminTokenRequestSchema, createTenantSchema, putTenantSchema } from '../operator/tenant-requests.ts';
import type { Route } from '../routing.ts';
import { listOf, nextPage, object } from './fields.ts';
import type { JsonSchema, Operation } from './operation.ts';
import type { Schemas } from './schemas.ts';

/** What is said of the operators' endpoints. */
export function tenantOperation(
  { method, path }: Pick<Route, 'method' | 'path'>,
  schemas: Schemas,
): Operation | undefined {
  if (path !== '/tenants' && !path.startsWith('/tenants/:tenant')) {
    return undefined;
  }
  const operations = tenantOperations(schemas.named('Tenant', tenantRecordSchema));
  return operations[`${method} ${path.replace('/tenants', '').replace('/:tenant', ':')}`];
}

function tenantOperations(tenant: JsonSchema): Readonly<Record<string, Operation>> {
  const tag = 'tenants';
  const withToken: JsonSchema = {
    allOf: [tenant, { type: 'object', properties: { adminToken: { type: 'string' } } }],
  };
  const moved = { 200: { description: 'As it is now.', schema: tenant } };
  return {
    'GET ': {
      tag,
      summary: 'All tenants',
      query: [
        {
          name: 'size',
          description: 'Tenants of a page.',
          schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
        },
        { name: 'after', description: 'The last tenant of the page before.', schema: { type: 'string' } },
      ],
      answers: {
        200: { description: 'A page, by id.', schema: object({ items: listOf(tenant), next: nextPage }) },
      },
    },
    'POST ': {
      tag,
      summary: 'Create a tenant',
      body: { schema: createTenantSchema },
      answers: {
        200: { description: 'It was there already, the same.', schema: withToken },
        201: {
          description: 'It was made; the token of its administrator comes with it, this once.',
          schema: withToken,
        },
      },
    },
    'GET :': {
      tag,
      summary: 'One tenant',
      answers: { 200: { description: 'It is there.', schema: tenant } },
    },
    'PUT :': {
      tag,
      summary: 'Create a tenant, or change its name, quotas and settings',
      body: { schema: putTenantSchema },
      conditional: true,
      answers: {
        200: { description: 'It was changed.', schema: withToken },
        201: {
          description: 'It was made; the token of its administrator comes with it, this once.',
          schema: withToken,
        },
      },
    },
    'DELETE :': {
      tag,
      summary: 'Delete a tenant and all that it has',
      conditional: true,
      answers: { 202: { description: 'It is unreachable, and is being removed.', schema: tenant } },
    },
    'POST :/suspend': { tag, summary: 'Serve a tenant no more', answers: moved },
    'POST :/resume': { tag, summary: 'Serve a tenant again', answers: moved },
    'POST :/admin-token': {
      tag,
      summary: 'A new token for the administrator of a tenant',
      body: { schema: adminTokenRequestSchema, optional: true },
      answers: {
        200: {
          description: 'The token.',
          schema: { type: 'object', required: ['token'], properties: { token: { type: 'string' } } },
        },
      },
    },
    'GET :/usage': {
      tag,
      summary: 'What a tenant has and does',
      answers: { 200: { description: 'Counts.', schema: { type: 'object' } } },
    },
  };
}
